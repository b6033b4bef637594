import { isFresh } from './freshness.ts'

/** As long as upstream's word counts. */
export type Freshness = { readonly checkedAt: number; readonly ttlMs: number }

/**
 * Leave to give an answer again without asking the mirror: until it is no longer fresh, or until it
 * is taken back because it is no longer right.
 */
export class Lease {
  /** What it is about: all leases of one key are taken back together. */
  readonly key: string
  /** Undefined for what never changes, as what a digest names. */
  readonly freshness: Freshness | undefined
  #isRevoked = false

  constructor(key: string, freshness?: Freshness) {
    this.key = key
    this.freshness = freshness
  }

  get isRevoked(): boolean {
    return this.#isRevoked
  }

  isValid(now: number): boolean {
    if (this.#isRevoked) return false
    return (
      this.freshness === undefined || isFresh(this.freshness.checkedAt, { now, ...this.freshness })
    )
  }

  revoke(): void {
    this.#isRevoked = true
  }
}
