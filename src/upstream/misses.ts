import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { UpstreamError } from './upstream-error.ts'

type Miss = { readonly error: UpstreamError; readonly until: number }

const maxMisses = 10_000

/** What an upstream said it doesn't have: for a while nobody needs to ask again. */
export class Misses {
  readonly #elapsedMs: () => number
  readonly #misses = new LRUCache<string, Miss>(atMost(maxMisses))

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** Asks, unless a "not found" for this key is younger than `ttlMs`, and throws it then. */
  async run<T>(key: string, ttlMs: number, ask: () => Promise<T>): Promise<T> {
    const known = this.#misses.get(key)
    if (known && this.#elapsedMs() < known.until) throw known.error
    try {
      return await ask()
    } catch (error) {
      if (error instanceof UpstreamError && error.kind === 'not-found' && ttlMs > 0) {
        this.#misses.set(key, { error, until: this.#elapsedMs() + ttlMs })
      }
      throw error
    }
  }
}
