import type { HistorySlot, UpstreamHistoryAnswer, UrlHistory } from '../../answers/upstreams.ts'
import { Card } from '../parts/card.tsx'
import type { ChartSeries } from '../parts/chart-data.ts'
import { formatCount, formatDuration } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'

type Props = { readonly answer: UpstreamHistoryAnswer; readonly urls: readonly UrlHistory[] }

type Course = {
  readonly times: readonly number[]
  readonly stepMs: number
  readonly slots: readonly (HistorySlot | undefined)[]
}

/** How soon it answered, and what didn't come, of each of its addresses. */
export function UpstreamCourse({ answer, urls }: Props) {
  return (
    <>
      {urls.map((each) => (
        <UrlCourse key={each.url} of={each} course={toCourse(answer, each)} />
      ))}
    </>
  )
}

function toCourse(
  { since, until, slotSeconds }: UpstreamHistoryAnswer,
  { slots }: UrlHistory,
): Course {
  const [first, stepMs] = [Date.parse(since), slotSeconds * 1000]
  const count = Math.min(1_000, Math.ceil((Date.parse(until) - first) / stepMs))
  const times = Array.from({ length: count }, (_, index) => first + index * stepMs)
  const known = new Map(slots.map((slot) => [Date.parse(slot.at), slot]))
  return { times, stepMs, slots: times.map((time) => known.get(time)) }
}

function UrlCourse({ of: { url }, course }: { readonly of: UrlHistory; readonly course: Course }) {
  return (
    <>
      <FirstBytes url={url} {...course} />
      <Requests url={url} {...course} />
    </>
  )
}

/** Nothing is drawn where nothing was answered. */
function FirstBytes({ url, slots, ...course }: Course & { readonly url: string }) {
  const lineOf = (read: (slot: HistorySlot) => number | undefined) =>
    slots.map((slot) => (slot && read(slot)) ?? null)
  const series: readonly ChartSeries[] = [
    { name: 'Half within', color: 'upstream', values: lineOf(({ p50Ms }) => p50Ms) },
    { name: '95 % within', color: 'other', isDashed: true, values: lineOf(({ p95Ms }) => p95Ms) },
  ]
  const worst = Math.max(0, ...slots.map((slot) => slot?.p95Ms ?? 0))
  return (
    <Card title={`Time to the first byte of ${url}`} class="wide">
      <TimeChart
        title={`Time to the first byte of ${url}`}
        summary={`At worst 95 % began within ${formatDuration(worst)}.`}
        kind="lines"
        height={170}
        {...course}
        series={series}
        format={formatDuration}
      />
    </Card>
  )
}

function Requests({ url, slots, ...course }: Course & { readonly url: string }) {
  const barsOf = (read: (slot: HistorySlot) => number) =>
    slots.map((slot) => (slot ? read(slot) : 0))
  const series: readonly ChartSeries[] = [
    {
      name: 'Answered',
      color: 'cache',
      values: barsOf(({ requests, failed, failures }) =>
        Math.max(0, requests - failed - failures.denied),
      ),
    },
    {
      name: 'Limited (429)',
      color: 'upstream',
      values: barsOf(({ failures }) => failures.limited),
    },
    { name: 'Denied', color: 'other', values: barsOf(({ failures }) => failures.denied) },
    { name: 'Wrong answers', color: 'pushed', values: barsOf(({ failures }) => failures.invalid) },
    {
      name: 'No answer, or an error',
      color: 'failed',
      values: barsOf(({ failures }) => failures.unavailable),
    },
  ]
  const total = slots.reduce((sum, slot) => sum + (slot?.requests ?? 0), 0)
  return (
    <Card title={`Requests to ${url}`} class="wide">
      <TimeChart
        title={`Requests to ${url}`}
        summary={`${formatCount(total)} in all.`}
        kind="bars"
        height={170}
        {...course}
        series={series}
        format={(value) => formatCount(Math.round(value))}
      />
    </Card>
  )
}
