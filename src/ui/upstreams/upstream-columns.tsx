import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes, Count, Unknown } from '../parts/bytes.tsx'
import { formatDuration, formatShare } from '../parts/format.ts'
import { Sparkline } from '../parts/sparkline.tsx'
import type { Column } from '../parts/table-props.ts'
import { When } from '../parts/when.tsx'
import { LimitLeft } from './budget-words.tsx'
import { AvailabilityStrip } from './strip.tsx'
import { LoginWords } from './token-words.tsx'
import type { UpstreamRow } from './upstreams-data.ts'

export const upstreamColumns: readonly Column<UpstreamRow>[] = [
  {
    name: 'state',
    title: 'State',
    cell: ({ health }) => (
      <span title={health.what}>
        <Badge kind={health.kind}>{health.word}</Badge>
      </span>
    ),
  },
  {
    name: 'name',
    title: 'Upstream',
    cell: ({ state }) => (
      <span class="upstream-name">
        <a href={hrefOf('upstreams', state.name)}>{state.name}</a>
        <span class="muted small">{state.urls.map(({ url }) => url).join(', ')}</span>
      </span>
    ),
  },
  {
    name: 'login',
    title: 'Signed in as',
    isMinor: true,
    cell: ({ state }) => (
      <span class="upstream-name small">
        {state.urls.slice(0, 1).map(({ url, login }) => (
          <LoginWords key={url} login={login} />
        ))}
      </span>
    ),
  },
  {
    name: 'cached',
    title: 'From cache',
    help: 'Share of the bytes served in 24 hours that needn’t be fetched',
    isMinor: true,
    isNumber: true,
    cell: ({ traffic }) =>
      traffic?.byteHitRatio === undefined ? (
        <Unknown why="nothing of it was pulled in 24 hours" />
      ) : (
        <span class="number">{formatShare(traffic.byteHitRatio)}</span>
      ),
  },
  {
    name: 'fetched',
    title: 'Fetched',
    help: 'In 24 hours',
    isNumber: true,
    cell: ({ history }) => <Bytes value={history?.totals.bytes ?? 0} />,
  },
  {
    name: 'latency',
    title: 'First byte',
    help: 'How long half of the answers took to begin, and 95 % of them, in 24 hours',
    isMinor: true,
    cell: (row) => <FirstByte {...row} />,
  },
  {
    name: 'errors',
    title: 'Failed',
    help: 'Requests to it that failed, in 24 hours',
    isNumber: true,
    cell: ({ history }) => <Count value={history?.totals.failed ?? 0} />,
  },
  {
    name: 'limit',
    title: 'Limit left',
    help: 'Pulls that it allows us still',
    isMinor: true,
    cell: ({ budget }) => {
      const account = budget?.accounts[0]
      return account ? (
        <LimitLeft account={account} />
      ) : (
        <Unknown why="it didn’t say anything of a limit" />
      )
    },
  },
  {
    name: 'answered',
    title: 'Last answer',
    isMinor: true,
    cell: ({ history }) => (
      <When at={history?.answeredAt} unknown="nothing was answered in 24 hours" />
    ),
  },
  {
    name: 'strip',
    title: '24 hours',
    help: 'Half an hour each, the latest on the right',
    isMinor: true,
    cell: ({ cells }) => <AvailabilityStrip cells={cells} />,
  },
]

function FirstByte({ history, cells }: UpstreamRow) {
  const { p50Ms, p95Ms } = history?.totals ?? {}
  if (p50Ms === undefined || p95Ms === undefined)
    return <Unknown why="nothing was answered in 24 hours" />
  const words = `${formatDuration(p50Ms)} / ${formatDuration(p95Ms)}`
  return (
    <span class="upstream-name">
      <span class="number">{words}</span>
      <Sparkline
        values={cells.map((cell) => cell.p50Ms ?? 0)}
        label={`Half of the answers began within ${formatDuration(p50Ms)}, by half hours of a day`}
      />
    </span>
  )
}
