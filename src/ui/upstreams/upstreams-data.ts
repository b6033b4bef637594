import type { BudgetAnswer, UpstreamBudgetAnswer } from '../../answers/budget.ts'
import type {
  UpstreamHistory,
  UpstreamHistoryAnswer,
  UpstreamsAnswer,
} from '../../answers/upstreams.ts'
import type { Report, ReportRow } from '../../traffic/any-reports.ts'
import { answers } from '../api/answers.ts'
import { type Answered, useAnswer } from '../api/use-answer.ts'
import { useEvents } from '../api/use-events.ts'
import { type Cell, type Health, healthOf, toCells, type UpstreamState } from './upstream-health.ts'

const stateEveryMs = 5_000
const othersEveryMs = 30_000
/** After these all of it is another. */
const changes: ReadonlySet<string> = new Set(['upstream-down', 'upstream-up', 'offline'])

export type UpstreamRow = {
  readonly state: UpstreamState
  readonly health: Health
  readonly history: UpstreamHistory | undefined
  readonly cells: readonly Cell[]
  readonly traffic: ReportRow | undefined
  readonly budget: UpstreamBudgetAnswer | undefined
}

type Upstreams = Omit<Answered<UpstreamsAnswer>, 'data'> & {
  readonly rows: readonly UpstreamRow[] | undefined
}

/** All that is known of all upstreams, of a day; what doesn't come is left out. */
export function useUpstreams(): Upstreams {
  useEvents(({ kind }) => {
    if (changes.has(kind)) answers.invalidate()
  })
  const { data, ...asked } = useAnswer<UpstreamsAnswer>('upstreams', { everyMs: stateEveryMs })
  const often = { everyMs: othersEveryMs }
  const history = useAnswer<UpstreamHistoryAnswer>('upstreams/history?since=24h', often).data
  const report = useAnswer<Report>('report?by=upstream&since=24h', often).data
  const budget = useAnswer<BudgetAnswer>('budget?since=24h', often).data
  const rows = data?.upstreams.map((state): UpstreamRow => {
    const own = history?.upstreams.find(({ name }) => name === state.name)
    return {
      state,
      health: healthOf(state, own, Date.now()),
      history: own,
      cells: history ? cellsOf(history, own) : [],
      traffic: report?.rows.find(({ upstream }) => upstream === state.name),
      budget: budget?.upstreams.find(({ name }) => name === state.name),
    }
  })
  return { ...asked, rows: rows?.toSorted(byTrouble) }
}

export function cellsOf(
  { since, until, slotSeconds }: UpstreamHistoryAnswer,
  own: UpstreamHistory | undefined,
): readonly Cell[] {
  const range = { since: Date.parse(since), until: Date.parse(until), slotMs: slotSeconds * 1000 }
  return toCells(own, range)
}

/** Problems first, then by what was fetched. */
function byTrouble(one: UpstreamRow, other: UpstreamRow): number {
  const fetched = ({ traffic }: UpstreamRow) => traffic?.fetchedBytes ?? 0
  return (
    one.health.rank - other.health.rank ||
    fetched(other) - fetched(one) ||
    one.state.name.localeCompare(other.state.name)
  )
}
