import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Repository } from '../oci/repository.ts'

const quietAfterMs = 3_600_000
const maxKnown = 50_000

/**
 * Where a push may be under way: nobody says when one begins, and a client that was told that a layer is
 * there comes back only with its manifest.
 */
export class PushActivity {
  readonly #now: () => number
  readonly #startedAt: number
  readonly #lastAt = new LRUCache<Repository, number>(atMost(maxKnown))

  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = now()
  }

  note(repository: Repository): void {
    this.#lastAt.set(repository, this.#now())
  }

  /** Something was heard of a push to it within the hour. */
  isActive(repository: Repository): boolean {
    const last = this.#lastAt.peek(repository)
    return last !== undefined && this.#now() - last <= quietAfterMs
  }

  /** Nothing was heard of a push to it for an hour; what an earlier process heard nobody knows. */
  isQuiet(repository: Repository): boolean {
    const last = Math.max(this.#lastAt.peek(repository) ?? 0, this.#startedAt)
    return this.#now() - last > quietAfterMs
  }
}
