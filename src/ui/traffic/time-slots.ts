import type { Report, ReportRow } from '../../traffic/any-reports.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** As few bars as can be told from each other on a phone, and a year by weeks. */
const steps = [hourMs, 3 * hourMs, 6 * hourMs, dayMs, 7 * dayMs] as const
const mostBars = 62

/** How long each bar is of. */
export function chooseStep(lengthMs: number): number {
  return steps.find((step) => lengthMs / step <= mostBars) ?? 28 * dayMs
}

/** By what the report of it is asked for. */
export function slotGroup(stepMs: number): 'hour' | 'day' {
  return stepMs < dayMs ? 'hour' : 'day'
}

type Metric = 'bytes' | 'pulls'
type Bar = { cache: number; upstream: number; pushed: number; failed: number }

type Series = {
  readonly name: string
  readonly color: keyof Bar
  readonly values: readonly number[]
}

export type TimeSlots = {
  readonly times: readonly number[]
  readonly stepMs: number
  readonly series: readonly Series[]
}

/** What is in the report of each time, and nothing where it has none. */
export function toTimeSlots(report: Report, stepMs: number, metric: Metric): TimeSlots {
  const [since, until] = [Date.parse(report.since), Date.parse(report.until)]
  const first = since - (since % Math.min(stepMs, dayMs))
  const count = Math.max(1, Math.min(400, Math.ceil((until - first) / stepMs)))
  const bars = Array.from({ length: count }, (): Bar => {
    return { cache: 0, upstream: 0, pushed: 0, failed: 0 }
  })
  for (const row of report.rows) {
    const bar = bars[Math.floor((timeOf(row) - first) / stepMs)]
    if (bar) add(bar, row, metric)
  }
  const times = bars.map((_, index) => first + index * stepMs)
  return { times, stepMs, series: toSeries(bars, metric) }
}

function timeOf({ hour, day }: ReportRow): number {
  return Date.parse(hour ?? day ?? '')
}

function add(bar: Bar, row: ReportRow, metric: Metric): void {
  if (metric === 'bytes') {
    bar.cache += row.cachedBytes
    bar.upstream += row.upstreamBytes
    bar.pushed += row.hostedBytes
    return
  }
  bar.cache += row.cachedPulls
  bar.upstream += row.mirroredPulls - row.cachedPulls
  bar.pushed += row.pulls - row.mirroredPulls
  bar.failed += row.errors
}

/** In bytes nothing that failed is seen: it has none. */
function toSeries(bars: readonly Bar[], metric: Metric): readonly Series[] {
  const all: readonly (readonly [color: keyof Bar, name: string])[] = [
    ['cache', 'From cache'],
    ['upstream', 'From upstream'],
    ['pushed', 'Pushed here'],
    ...(metric === 'pulls' ? ([['failed', 'Failed requests']] as const) : []),
  ]
  return all.map(([color, name]) => ({ color, name, values: bars.map((bar) => bar[color]) }))
}
