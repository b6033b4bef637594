import type { Digest } from '../oci/digest.ts'

/**
 * Keeps who is about to point to a blob and who takes away what nobody points to out of each other's
 * way: between finding a file and recording that it is needed, it must not go.
 */
export class DigestHolds {
  readonly #held = new Map<Digest, number>()
  readonly #leaving = new Map<Digest, Promise<void>>()

  /** It stays as it is during `act`; waits while it is being taken away. */
  async during<T>(digest: Digest, act: () => Promise<T>): Promise<T> {
    for (let leaving = this.#leaving.get(digest); leaving; leaving = this.#leaving.get(digest))
      await leaving
    this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1)
    try {
      return await act()
    } finally {
      const others = (this.#held.get(digest) ?? 1) - 1
      if (others > 0) this.#held.set(digest, others)
      else this.#held.delete(digest)
    }
  }

  /** Takes away those that nobody holds or takes away already; whoever wants one meanwhile waits. */
  async takeAway<T>(
    digests: readonly Digest[],
    act: (free: readonly Digest[]) => Promise<T>,
  ): Promise<T> {
    const isFree = (digest: Digest) => !this.#held.has(digest) && !this.#leaving.has(digest)
    const free = [...new Set(digests)].filter(isFree)
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const digest of free) this.#leaving.set(digest, promise)
    try {
      return await act(free)
    } finally {
      for (const digest of free) this.#leaving.delete(digest)
      resolve()
    }
  }
}
