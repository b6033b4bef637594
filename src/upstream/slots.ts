/** More than this aren't let wait: whoever comes then is better told. */
const maxWaiting = 1_000

type Admit = () => void

/**
 * A bounded number of connections for blobs. Each blob has one, and waits for it in the order in
 * which they came; what is left over, a blob that has one may use for more. A blob that nobody has
 * asked for gets one only while at least half of them stay free.
 */
export class Slots {
  readonly #max: number
  /** How many may be taken, together with the last one that was spare. */
  readonly #maxWithSpare: number
  readonly #waiting = new Set<Admit>()
  readonly #waitingForSpare = new Set<Admit>()
  #taken = 0
  /** Of those, beyond the first of their blob. */
  #extra = 0

  constructor(max: number) {
    this.#max = max
    this.#maxWithSpare = Math.floor(max / 2)
  }

  /** Blobs that have a slot. */
  get underWay(): number {
    return this.#taken - this.#extra
  }

  /** Without those who wait for a spare one. */
  get waiting(): number {
    return this.#waiting.size
  }

  get areAllTaken(): boolean {
    return this.#taken + this.waiting >= this.#max
  }

  /** Whether so many wait that no more should. */
  get isQueueFull(): boolean {
    return this.waiting >= maxWaiting
  }

  /** Resolves with what gives the slot back, once or more. Rejects when `signal` is aborted before. */
  enter(signal: AbortSignal): Promise<() => void> {
    return this.#wait(this.#waiting, signal)
  }

  /**
   * The same for a spare one, in an order of their own: whoever comes by `enter` goes first. Resolves
   * with undefined where none is ever spare, because there is only one.
   */
  async enterSpare(signal: AbortSignal): Promise<(() => void) | undefined> {
    return this.#maxWithSpare === 0 ? undefined : this.#wait(this.#waitingForSpare, signal)
  }

  /**
   * One more for a blob that has a slot, as what gives it back, once or more; undefined where none
   * is free or a blob waits.
   */
  tryEnterAgain(): (() => void) | undefined {
    if (this.areAllTaken) return undefined
    const leave = this.#take()
    this.#extra++
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      this.#extra--
      leave()
    }
  }

  #wait(queue: Set<Admit>, signal: AbortSignal): Promise<() => void> {
    const entered = Promise.withResolvers<() => void>()
    if (signal.aborted) return Promise.reject(signal.reason)
    const giveUp = () => {
      queue.delete(admit)
      entered.reject(signal.reason)
    }
    const admit = () => {
      queue.delete(admit)
      signal.removeEventListener('abort', giveUp)
      entered.resolve(this.#take())
    }
    queue.add(admit)
    signal.addEventListener('abort', giveUp, { once: true })
    this.#admit()
    return entered.promise
  }

  #take(): () => void {
    this.#taken++
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      this.#taken--
      this.#admit()
    }
  }

  #admit(): void {
    for (const admit of this.#waiting) {
      if (this.#taken >= this.#max) return
      admit()
    }
    for (const admit of this.#waitingForSpare) {
      if (this.#taken >= this.#maxWithSpare) return
      admit()
    }
  }
}
