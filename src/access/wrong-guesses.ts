import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'

const maxKnown = 10_000

/**
 * Passwords that were wrong for a user a moment ago: a client that was set up with an old one brings it again and
 * again, and guesses nothing. They are held as hashes that mean nothing outside of this process.
 */
export class WrongGuesses {
  readonly #salt = randomBytes(32)
  readonly #known = new LRUCache<string, true>(atMost(maxKnown))

  /** `hash` is that of the right one, where there is any: with another, it may be right. */
  has(user: string, password: string, hash: string | undefined): boolean {
    return this.#known.has(this.#keyOf(user, password, hash))
  }

  add(user: string, password: string, hash: string | undefined): void {
    this.#known.set(this.#keyOf(user, password, hash), true)
  }

  #keyOf(...guess: readonly (string | undefined)[]): string {
    return createHmac('sha256', this.#salt).update(JSON.stringify(guess)).digest('base64')
  }
}
