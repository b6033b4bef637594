import type { AnyBudget } from '../budget/any-budget.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where upstreams are heard. */
export type BudgetCalls = { describeBudget: AnyBudget['describeBudget'] }

/** Upstreams' limits as a serving thread has them. */
export class RemoteBudget implements AnyBudget {
  readonly #calls: Calls<BudgetCalls>

  constructor(calls: Calls<BudgetCalls>) {
    this.#calls = calls
  }

  describeBudget: AnyBudget['describeBudget'] = (since) => this.#calls.call('describeBudget', since)
}
