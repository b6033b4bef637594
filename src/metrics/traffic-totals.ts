import {
  type CounterName,
  type Counters,
  counterNames,
  type LedgerRow,
  type Outcome,
  outcomes,
} from '../store/ledger-records.ts'
import type { UpstreamLabels } from './upstream-labels.ts'

/** Of one upstream and one outcome, since the server started. */
export type TrafficTotal = {
  readonly upstream: string
  readonly outcome: Outcome
  readonly counters: Counters
}

type Total = { -readonly [Name in CounterName]: number }

/** What was counted of all clients and images together. */
export class TrafficTotals {
  readonly #labels: UpstreamLabels
  readonly #totals = new Map<string, ReadonlyMap<Outcome, Total>>()

  constructor(labels: UpstreamLabels) {
    this.#labels = labels
  }

  add({ upstream, outcome, counters }: LedgerRow): void {
    const total = this.#totalsOf(this.#labels.labelOf(upstream)).get(outcome)
    if (!total) return
    // Few of them are there as a rule, and there may be thousands of rows at once.
    for (const name in counters) total[name as CounterName] += counters[name as CounterName] ?? 0
  }

  /** All outcomes of whatever upstream was used: what begins with 0 is seen to grow. */
  *list(): Generator<TrafficTotal> {
    for (const [upstream, totals] of this.#totals)
      for (const [outcome, counters] of totals) yield { upstream, outcome, counters }
  }

  /** Of upstreams that mirrors.yaml doesn't name any more. */
  forgetOthers(): void {
    for (const label of this.#totals.keys())
      if (!this.#labels.isLabel(label)) this.#totals.delete(label)
  }

  #totalsOf(label: string): ReadonlyMap<Outcome, Total> {
    const known = this.#totals.get(label)
    if (known) return known
    const totals = new Map(outcomes.map((outcome) => [outcome, emptyTotal()]))
    this.#totals.set(label, totals)
    return totals
  }
}

function emptyTotal(): Total {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Total
}
