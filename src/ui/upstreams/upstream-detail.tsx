import type { UpstreamHistoryAnswer } from '../../answers/upstreams.ts'
import { useAnswer } from '../api/use-answer.ts'
import { PageHead } from '../frame/page-head.tsx'
import { changeQuery, hrefOf } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { Badge } from '../parts/badge.tsx'
import { Count } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { Empty } from '../parts/empty.tsx'
import { formatDuration } from '../parts/format.ts'
import { Waiting } from '../parts/waiting.tsx'
import { BudgetCard } from './budget-card.tsx'
import { AvailabilityStrip } from './strip.tsx'
import { TestNow } from './test-now.tsx'
import { TokenState } from './token-words.tsx'
import { Troubles } from './troubles.tsx'
import { UpstreamCourse } from './upstream-course.tsx'
import type { UrlState } from './upstream-health.ts'
import { type UpstreamRow, useUpstreams } from './upstreams-data.ts'

type Props = { readonly name: string; readonly query: URLSearchParams }

const ranges = [
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
] as const

/** One upstream: how it does, how it did, and why it didn't. */
export function UpstreamDetail({ name, query }: Props) {
  const since = ranges.find(([range]) => range === query.get('range'))?.[0] ?? '24h'
  const { rows, error, retry } = useUpstreams()
  const row = rows?.find(({ state }) => state.name === name)
  return (
    <>
      <PageHead title={name}>
        <Choice
          label="Range"
          values={ranges}
          chosen={since}
          onChoose={(range) => changeQuery({ range })}
        />
      </PageHead>
      <p class="way-back">
        <a href={hrefOf('upstreams')}>All upstreams</a>
      </p>
      {error && !rows && <Wall error={error} retry={retry} what="the upstreams" />}
      {!rows && !error && <Waiting what={`what is known of ${name}`} />}
      {rows && !row && (
        <Empty title={`${name} isn’t among the upstreams.`}>
          <p>
            It may have been taken out of mirrors.yaml, or wasn’t asked since the server started.
          </p>
        </Empty>
      )}
      {row && <Detail row={row} since={since} />}
    </>
  )
}

function Detail({ row, since }: { readonly row: UpstreamRow; readonly since: string }) {
  const { name } = row.state
  const path = `upstreams/history?since=${since}&upstream=${encodeURIComponent(name)}`
  const { data, error, retry } = useAnswer<UpstreamHistoryAnswer>(path, { everyMs: 30_000 })
  const history = data?.upstreams.find((upstream) => upstream.name === name)
  return (
    <div class="cards">
      <State row={row} />
      <Waits tags={row.history?.tags} name={name} />
      {row.state.urls.map((url) => (
        <Address key={url.url} url={url} />
      ))}
      <TestNow name={name} />
      {error && !data && <Wall error={error} retry={retry} what="its history" />}
      {!data && !error && (
        <div class="history-room wide">
          <Waiting what="its history" />
        </div>
      )}
      {data && history && <UpstreamCourse answer={data} urls={history.urls} />}
      {history && history.urls.length === 0 && (
        <Card title="Requests" class="wide">
          <Empty title="Nothing was asked of it in this time." />
        </Card>
      )}
      <BudgetCard name={name} since={since} />
      {history?.troubles && <Troubles troubles={history.troubles} />}
    </div>
  )
}

function State({ row: { health, cells, state } }: { readonly row: UpstreamRow }) {
  const { underWay, waiting } = state.blobs
  return (
    <Card title="Now">
      <p>
        <Badge kind={health.kind}>{health.word}</Badge> {health.what}
      </p>
      <p>
        <Count value={underWay} /> {underWay === 1 ? 'blob is' : 'blobs are'} being fetched,{' '}
        <Count value={waiting} /> {waiting === 1 ? 'waits' : 'wait'} for a turn.
      </p>
      <AvailabilityStrip cells={cells} />
      <p class="muted small">
        24 hours, half an hour each: of full height where all was answered, lower where something
        failed, lowest where it wasn’t asked for a while.
      </p>
    </Card>
  )
}

type WaitsProps = {
  readonly tags: { readonly kept: number; readonly due: number } | undefined
  readonly name: string
}

function Waits({ tags, name }: WaitsProps) {
  return (
    <Card title="Tags that are kept">
      {tags ? (
        <>
          <p>
            <Count value={tags.due} /> of <Count value={tags.kept} /> are past their time: the next
            pull of one asks whether it still means the same image.
          </p>
          <p>
            <a href={hrefOf('images', '', { source: name })}>Images of {name}</a>
          </p>
        </>
      ) : (
        <p class="muted">No tag of it is kept.</p>
      )}
    </Card>
  )
}

function Address({ url }: { readonly url: UrlState }) {
  const { state, reason, forSeconds, retryAfterSeconds } = url
  return (
    <Card title={url.url}>
      <p>
        {state === 'up' && <Badge kind="ok">OK</Badge>}
        {state === 'down' && <Badge kind="error">down</Badge>}
        {state === 'limited' && <Badge kind="warning">limited</Badge>} {reason}
        {forSeconds !== undefined && `, for ${formatDuration(forSeconds * 1000)} by now`}
        {retryAfterSeconds !== undefined &&
          `; it isn’t asked for another ${formatDuration(retryAfterSeconds * 1000)}`}
      </p>
      <TokenState login={url.login} />
    </Card>
  )
}
