import type { BudgetQuery, BudgetRecords, BudgetSample } from '../store/budget-records.ts'
import { keyOf } from './accounts.ts'

/** A week of one account. */
const mostWaiting = 2_016

/** The samples of all accounts: what is written, and what waits for that. */
export class Samples {
  readonly #records: BudgetRecords
  /** In the order in which they were heard, each slot once. */
  readonly #waiting = new Map<string, BudgetSample>()

  constructor(records: BudgetRecords) {
    this.#records = records
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  add(sample: BudgetSample): void {
    const key = slotOf(sample)
    this.#waiting.delete(key)
    this.#waiting.set(key, sample)
    // Nothing could be written for long: the earliest go.
    const [first] = this.#waiting.keys()
    if (this.#waiting.size > mostWaiting && first !== undefined) this.#waiting.delete(first)
  }

  /** Gives what was written; what can't be goes on waiting. */
  async write(): Promise<readonly BudgetSample[]> {
    const samples = [...this.#waiting.values()]
    if (samples.length > 0) await this.#records.recordBudgets(samples)
    for (const sample of samples) {
      const key = slotOf(sample)
      // Unless more was heard meanwhile.
      if (this.#waiting.get(key) === sample) this.#waiting.delete(key)
    }
    return samples
  }

  /** Of one account, in the order of time. */
  async list(query: BudgetQuery): Promise<readonly BudgetSample[]> {
    const written = await this.#records.listBudgets(query)
    const isAsked = (sample: BudgetSample) =>
      keyOf(sample) === keyOf(query) && sample.at >= query.since
    const waiting = [...this.#waiting.values()].filter(isAsked)
    const slots = new Map([...written, ...waiting].map((sample) => [sample.at, sample]))
    return [...slots.values()].sort((one, other) => one.at - other.at)
  }
}

function slotOf(sample: BudgetSample): string {
  return `${keyOf(sample)}${sample.at}`
}
