import fc from 'fast-check'
import {
  type Counters,
  counterNames,
  type LedgerDimension,
  type LedgerQuery,
  type LedgerRow,
  type LedgerSum,
  ledgerDimensions,
  outcomes,
} from '../../src/store/ledger-records.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** A day's first moment, like all that lie a whole number of days from it. */
export const start = Date.UTC(2026, 0, 5)
const days = 300

const clients = ['10.0.0.1', '10.0.0.2', 'ci', ''] as const
const users = ['', 'alice', "o'hara"] as const
const upstreams = ['docker.io', 'ghcr.io', ''] as const
const repositories = ['library/node', 'team/app', ''] as const
const tags = ['latest', '1.0', ''] as const

const counters: fc.Arbitrary<Partial<Counters>> = fc.dictionary(
  fc.constantFrom(...counterNames),
  fc.oneof(fc.nat(3), fc.nat(2 ** 40)),
  { maxKeys: 4 },
)

/** Some stand at the edge of an hour, of a day or of more. */
const times = fc.oneof(
  fc.nat(days * dayMs),
  fc.nat(days * 24).map((hour) => hour * hourMs),
  fc.nat(days).map((day) => day * dayMs - 1),
)

const row: fc.Arbitrary<LedgerRow> = fc.record({
  at: times.map((time) => start + time),
  client: fc.constantFrom(...clients),
  user: fc.constantFrom(...users),
  upstream: fc.constantFrom(...upstreams),
  repository: fc.constantFrom(...repositories),
  tag: fc.constantFrom(...tags),
  outcome: fc.constantFrom(...outcomes),
  counters,
})

const someOf = <T>(values: readonly T[]) =>
  fc.option(fc.subarray([...values]), { nil: undefined, freq: 4 }).map((some) => some ?? [])

const where: fc.Arbitrary<LedgerQuery['where']> = fc.record(
  {
    client: fc.subarray([...clients, 'nobody']),
    user: fc.subarray([...users]),
    upstream: fc.subarray([...upstreams]),
    repository: fc.subarray([...repositories]),
    tag: fc.subarray([...tags]),
    outcome: fc.subarray([...outcomes]),
  },
  { requiredKeys: [] },
)

const query: fc.Arbitrary<LedgerQuery> = fc
  .tuple(times, times, someOf(ledgerDimensions), fc.oneof(fc.constant({}), where))
  .map(([one, other, by, filters]) => ({
    since: start + Math.min(one, other) - dayMs,
    until: start + Math.max(one, other) + dayMs,
    by,
    where: filters,
  }))

/** The same whenever it is called. */
export const makeRows = (count: number): LedgerRow[] => fc.sample(row, { numRuns: count, seed: 8 })
export const makeQueries = (count: number): LedgerQuery[] =>
  fc.sample(query, { numRuns: count, seed: 8 })

/** Hours before it are known by their day. */
type Known = { readonly hoursSince: number }

/** What the ledger is to say of these rows, one after another added up. */
export function addUp(
  rows: readonly LedgerRow[],
  { since, until, by, where }: LedgerQuery,
  { hoursSince }: Known = { hoursSince: 0 },
): Map<string, Counters> {
  const startOf = (at: number) => at - (at % (at < hoursSince ? dayMs : hourMs))
  const endOf = (at: number) => startOf(at) + (at < hoursSince ? dayMs : hourMs)
  const [from, to] = [startOf(since), endOf(until - 1)]
  const sums = new Map<string, Counters>()
  for (const each of rows) {
    if (each.at < from || each.at >= to || !matches(each, where)) continue
    const key = formatKey(keyOf(each, by, startOf))
    sums.set(key, plus(sums.get(key) ?? noCounters, each.counters))
  }
  return sums
}

export function byKey(sums: readonly LedgerSum[]): Map<string, Counters> {
  return new Map(sums.map(({ counters: counted, ...key }) => [formatKey(key), counted]))
}

const noCounters = Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters

function plus(sum: Counters, added: Partial<Counters>): Counters {
  const names = counterNames.map((name) => [name, sum[name] + (added[name] ?? 0)])
  return Object.fromEntries(names) as Counters
}

function matches(each: LedgerRow, filters: LedgerQuery['where']): boolean {
  const names = Object.keys(filters) as (keyof typeof filters)[]
  return names.every((name) => filters[name]?.some((value) => value === each[name]) ?? true)
}

function keyOf(
  { client, user, upstream, repository, tag, outcome, at }: LedgerRow,
  by: readonly LedgerDimension[],
  startOf: (at: number) => number,
): Omit<LedgerSum, 'counters'> {
  const keys = {
    day: { at: at - (at % dayMs) },
    hour: { at: startOf(at) },
    client: { client },
    user: { user },
    upstream: { upstream },
    repository: { upstream, repository },
    image: { upstream, repository, tag },
    outcome: { outcome },
  }
  // Hours tell the day too.
  const ordered = by.toSorted((one, other) => Number(one === 'hour') - Number(other === 'hour'))
  return Object.assign({}, ...ordered.map((dimension) => keys[dimension]))
}

function formatKey(key: object): string {
  return JSON.stringify(Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1)))
}
