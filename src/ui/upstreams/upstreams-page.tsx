import './upstreams.css'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { hrefOf } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { OfflineSwitch } from './offline-switch.tsx'
import { upstreamColumns } from './upstream-columns.tsx'
import { UpstreamDetail } from './upstream-detail.tsx'
import { useUpstreams } from './upstreams-data.ts'

/** How the registries do that are mirrored here; `#/upstreams/<name>` is about one. */
export function UpstreamsPage({ route: { rest, query } }: PageProps) {
  if (rest !== '') return <UpstreamDetail key={rest} name={rest} query={query} />
  return (
    <>
      <PageHead title="Upstreams" />
      <OfflineSwitch />
      <AllUpstreams />
    </>
  )
}

function AllUpstreams() {
  const { rows, error, retry } = useUpstreams()
  if (error && !rows) return <Wall error={error} retry={retry} what="the upstreams" />
  if (!rows) return <Waiting what="the upstreams" />
  return (
    <Card title="Registries">
      {rows.length === 0 ? (
        <Empty title="No upstream has a name in mirrors.yaml.">
          <p>
            Without one this is a private registry alone. Add <code>docker.io: {'{}'}</code> under{' '}
            <code>upstreams:</code> to mirror Docker Hub, then{' '}
            <a href={hrefOf('setup')}>set up a client</a>.
          </p>
        </Empty>
      ) : (
        <DataTable
          caption="Upstreams, those with problems first"
          columns={upstreamColumns}
          {...rowsOf(rows)}
          keyOf={({ state }) => state.name}
        />
      )}
    </Card>
  )
}
