import { type CounterName, counterNames, type Outcome, outcomes } from '../ledger-records.ts'

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Uppercase<First> ? (First extends Lowercase<First> ? First : `_${Lowercase<First>}`) : First}${SnakeCase<Rest>}`
  : ''

/** `tag_requests` for `tagRequests`. */
export type LedgerColumn = SnakeCase<CounterName>

/** In the order of counterNames. */
export const ledgerColumns: readonly LedgerColumn[] = counterNames.map(
  (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as LedgerColumn,
)

/** What stands in the database: a number is never given to another. */
export const outcomeNumbers: Readonly<Record<Outcome, number>> = {
  hit: 0,
  miss: 1,
  stale: 2,
  pass: 3,
  hosted: 4,
  'not-found': 5,
  denied: 6,
  limited: 7,
  unavailable: 8,
  failed: 9,
  refused: 10,
}

const outcomesByNumber = new Map(outcomes.map((outcome) => [outcomeNumbers[outcome], outcome]))

export function readOutcome(number: number): Outcome {
  const outcome = outcomesByNumber.get(number)
  if (outcome === undefined) throw new Error(`the ledger has an outcome ${number}, which is none`)
  return outcome
}
