import pLimit from 'p-limit'

/** More than this aren't let wait: whoever comes then is better told. */
const maxWaiting = 1_000

/** A bounded number of blobs under way at once; the others wait in the order in which they came. */
export class Slots {
  readonly #limit: ReturnType<typeof pLimit>

  constructor(max: number) {
    this.#limit = pLimit(max)
  }

  get underWay(): number {
    return this.#limit.activeCount
  }

  get waiting(): number {
    return this.#limit.pendingCount
  }

  get areAllTaken(): boolean {
    return this.#limit.activeCount + this.#limit.pendingCount >= this.#limit.concurrency
  }

  /** Whether so many wait that no more should. */
  get isQueueFull(): boolean {
    return this.#limit.pendingCount >= maxWaiting
  }

  /** Resolves with what gives the slot back, once or more. Rejects when `signal` is aborted before. */
  enter(signal: AbortSignal): Promise<() => void> {
    const entered = Promise.withResolvers<() => void>()
    const giveUp = () => entered.reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    void this.#limit(async () => {
      signal.removeEventListener('abort', giveUp)
      if (signal.aborted) return
      const left = Promise.withResolvers<void>()
      entered.resolve(left.resolve)
      await left.promise
    })
    return entered.promise
  }
}
