import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'

type Failures = { readonly count: number; readonly lastAt: number }

const maxKnown = 20_000
/** So many are typing errors. */
const freeFailures = 5
const longestMs = 5 * 60_000
const forgetAfterMs = 15 * 60_000
const knownPairMs = 24 * 3_600_000
/** No user has a longer name; what else was typed could fill the memory. */
const longestName = 64

/**
 * Slows down who guesses: after some failures of one network, or for one user, each further one must wait
 * twice as long. From where a user has logged in before, others' guesses at that name hold up nobody.
 */
export class LoginBrake {
  readonly #now: () => number
  readonly #failures = new LRUCache<string, Failures>(atMost(maxKnown))
  readonly #knownPairs = new LRUCache<string, number>(atMost(maxKnown))

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Milliseconds; 0 where it may be tried now. A network's first try is never held up, so that strangers who
   * guess at a name from a thousand others don't keep its owner out.
   */
  waitMs(network: string, user: string): number {
    if (this.#countOf(`network ${network}`) === 0 && this.#countOf(pairOf(network, user)) === 0)
      return 0
    return Math.max(0, ...this.#keys(network, user).map((key) => this.#waitOf(key)))
  }

  /** Counts from the beginning of the attempt: many at once are many. */
  begin(network: string, user: string): void {
    const lastAt = this.#now()
    for (const key of this.#keys(network, user))
      this.#failures.set(key, { count: this.#countOf(key) + 1, lastAt })
  }

  /** The attempt that was begun was right. */
  succeed(network: string, user: string): void {
    for (const key of this.#keys(network, user)) this.#failures.delete(key)
    this.#knownPairs.set(pairOf(network, user), this.#now())
  }

  /** The attempt that was begun came to nothing, by no fault of whoever made it. */
  forget(network: string, user: string): void {
    for (const key of this.#keys(network, user)) {
      const failures = this.#failures.get(key)
      if (failures) this.#failures.set(key, { ...failures, count: failures.count - 1 })
    }
  }

  #keys(network: string, user: string): readonly string[] {
    const knownAt = this.#knownPairs.get(pairOf(network, user))
    const isKnown = knownAt !== undefined && this.#now() - knownAt < knownPairMs
    // One of its own, so that who knows the way may err, and is slowed down all the same.
    return isKnown ? [pairOf(network, user)] : [`network ${network}`, `user ${cut(user)}`]
  }

  #countOf(key: string): number {
    const failures = this.#failures.get(key)
    if (!failures) return 0
    const passedMs = this.#now() - failures.lastAt
    // Where the clock was set back nobody knows how long ago it was: none shall wait for hours.
    return passedMs >= 0 && passedMs < forgetAfterMs ? failures.count : 0
  }

  #waitOf(key: string): number {
    const count = this.#countOf(key)
    if (count < freeFailures) return 0
    const pauseMs = Math.min(longestMs, 1_000 * 2 ** (count - freeFailures))
    return (this.#failures.get(key)?.lastAt ?? 0) + pauseMs - this.#now()
  }
}

function pairOf(network: string, user: string): string {
  return `pair ${network} ${cut(user)}`
}

function cut(user: string): string {
  return user.slice(0, longestName)
}
