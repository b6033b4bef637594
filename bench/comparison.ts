import type { Metric } from './parts/part.ts'
import type { CaseResult } from './rounds.ts'
import type { ServerName } from './servers/server.ts'
import { type Summary, summarize } from './statistics.ts'

/** What is compared with the others. */
const subject: ServerName = 'entrepot'

/** One metric of one server in one case, beside Entrepot's. */
export interface ComparisonRow {
  readonly case: string
  readonly metric: Metric
  readonly server: ServerName
  readonly summary: Summary
  /** Entrepot's median over this server's; undefined for Entrepot itself, or without it. */
  readonly ratio: number | undefined
  readonly goal: Goal | undefined
}

export interface Goal {
  readonly text: string
  readonly isMet: boolean
}

/** Every metric of every case, with the servers in the order they were started in. */
export const compareServers = (results: readonly CaseResult[]): ComparisonRow[] =>
  results.flatMap((result) =>
    result.case.metrics.flatMap((metric) => compareMetric(result, metric)),
  )

const compareMetric = (result: CaseResult, metric: Metric): ComparisonRow[] => {
  const summaries = new Map<ServerName, Summary>()
  for (const [server, samples] of result.samples) {
    const values = samples.map(({ [metric.key]: value }) => value).filter(isMeasured)
    if (values.length > 0) summaries.set(server, summarize(values))
  }
  const own = summaries.get(subject)
  return [...summaries].map(([server, summary]) => {
    const ratio = server === subject ? undefined : divide(own?.median, summary.median)
    const goal =
      server === subject
        ? judgeOwn(metric, summary)
        : (judgeRatio(metric, server, ratio) ?? judgeExcess(metric, server, { own, peer: summary }))
    return { case: result.case.name, metric, server, summary, ratio, goal }
  })
}

/** Undefined where there is nothing to compare: a measurement that was given up has no end. */
const divide = (own: number | undefined, peer: number): number | undefined =>
  own !== undefined && Number.isFinite(peer) && peer > 0 ? own / peer : undefined

const isMeasured = (value: number | undefined): value is number => value !== undefined

const judgeOwn = ({ below, format }: Metric, { median }: Summary): Goal | undefined =>
  below === undefined ? undefined : { text: `< ${format(below)}`, isMet: median < below }

const judgeRatio = (
  { atLeast, atMost }: Metric,
  server: ServerName,
  ratio: number | undefined,
): Goal | undefined => {
  if (ratio === undefined) return undefined
  const least = atLeast?.[server]
  if (least !== undefined) return { text: `>= ${least}x`, isMet: ratio >= least }
  const most = atMost?.[server]
  return most === undefined ? undefined : { text: `<= ${most}x`, isMet: ratio <= most }
}

const judgeExcess = (
  { within, format }: Metric,
  server: ServerName,
  { own, peer }: { readonly own: Summary | undefined; readonly peer: Summary },
): Goal | undefined => {
  const most = within?.[server]
  if (most === undefined || own === undefined) return undefined
  return { text: `<= +${format(most)}`, isMet: own.median - peer.median <= most }
}
