import { setTimeout as delay } from 'node:timers/promises'

/** To find a file costs about as much as to read so much of it. */
export const leastBytes = 64 * 1024

/** Lets so many bytes a second pass, each piece in its turn. */
export class Pace {
  /** May change at any time. */
  bytesPerSecond: number
  readonly #signal: AbortSignal
  #freeAt = 0

  /** `signal` ends the waiting. */
  constructor(bytesPerSecond: number, signal: AbortSignal) {
    this.bytesPerSecond = bytesPerSecond
    this.#signal = signal
  }

  /** Waits until what passed before has had its time. Rejects when it is told to stop. */
  async pass(bytes: number): Promise<void> {
    const now = performance.now()
    const waitMs = this.#freeAt - now
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes / this.bytesPerSecond) * 1000
    // A timer is no finer; what it is late is made up for by the next.
    if (waitMs > 1) await delay(waitMs, undefined, { signal: this.#signal, ref: false })
    this.#signal.throwIfAborted()
  }
}
