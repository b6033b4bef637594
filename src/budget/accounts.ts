import type { BudgetSample } from '../store/budget-records.ts'

export type Heard = Pick<
  BudgetSample,
  'upstream' | 'account' | 'limit' | 'remaining' | 'windowSeconds'
>

export const slotMs = 5 * 60_000
/** An upstream names its accounts as it likes. */
const mostAccounts = 20
const mostInAll = 200
const longestName = 100
/** In place of an upstream's accounts that are one too many. */
export const otherAccounts = 'others'

/** The accounts that are known, each with its last sample. */
export class Accounts {
  readonly #last = new Map<string, BudgetSample>()

  constructor(known: readonly BudgetSample[]) {
    for (const sample of known) this.#last.set(keyOf(sample), sample)
  }

  /** The last sample of each. */
  get last(): readonly BudgetSample[] {
    return [...this.#last.values()]
  }

  /** The slot's sample as it is by that; undefined where there is no room for another account. */
  note(heard: Heard, now: number): BudgetSample | undefined {
    const account = this.#nameOf(heard)
    if (account === undefined) return undefined
    const key = keyOf({ ...heard, account })
    const sample = toSample({ ...heard, account }, this.#last.get(key), now)
    this.#last.set(key, sample)
    return sample
  }

  /** Forgets those of which nothing was heard since then. */
  forgetBefore(at: number): void {
    for (const [key, { heardAt }] of this.#last) if (heardAt < at) this.#last.delete(key)
  }

  #nameOf({ upstream, account }: Heard): string | undefined {
    // Half of a pair isn't text, and no database takes it.
    const name = account.slice(0, longestName).toWellFormed()
    if (this.#last.has(keyOf({ upstream, account: name }))) return name
    const others = keyOf({ upstream, account: otherAccounts })
    const ofUpstream = this.last.filter((sample) => sample.upstream === upstream)
    if (this.#last.has(others)) return otherAccounts
    if (this.#last.size >= mostInAll) return undefined
    return ofUpstream.length < mostAccounts - 1 ? name : otherAccounts
  }
}

export function keyOf({ upstream, account }: Pick<BudgetSample, 'upstream' | 'account'>): string {
  return JSON.stringify([upstream, account])
}

function toSample(heard: Heard, last: BudgetSample | undefined, now: number): BudgetSample {
  const { upstream, account, limit, remaining, windowSeconds } = heard
  const at = now - (now % slotMs)
  const isSame = last?.at === at && last.limit === limit
  const lowest = isSame ? Math.min(last.lowest, remaining) : remaining
  return { upstream, account, at, heardAt: now, limit, remaining, lowest, windowSeconds }
}
