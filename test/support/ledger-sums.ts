import {
  type CounterName,
  type Counters,
  counterNames,
  type LedgerSum,
} from '../../src/store/ledger-records.ts'

/** What isn't said is 0. */
export const countersOf = (counted: Partial<Counters>): Counters => {
  const none = Object.fromEntries(counterNames.map((name) => [name, 0]))
  return { ...(none as Record<CounterName, number>), ...counted }
}

export const sumOf = ({
  counters = {},
  ...key
}: Omit<LedgerSum, 'counters'> & { readonly counters?: Partial<Counters> }): LedgerSum => ({
  ...key,
  counters: countersOf(counters),
})
