import { setTimeout as delay } from 'node:timers/promises'

/** So much may come at once after a pause. */
const burstSeconds = 0.25

/** Something to drink from, chunk by chunk. */
export type BandwidthShare = Pick<Bandwidth, 'take'>

/**
 * A token bucket that all blobs of an upstream drink from, each in its turn: who has just taken a
 * chunk waits behind the others, so that all get the same share.
 */
export class Bandwidth {
  readonly #bytesPerSecond: number
  readonly #elapsedMs: () => number
  #tokens: number
  #filledAt: number
  #turn: Promise<void> = Promise.resolve()

  constructor(bytesPerSecond: number, elapsedMs: () => number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#elapsedMs = elapsedMs
    this.#tokens = bytesPerSecond * burstSeconds
    this.#filledAt = elapsedMs()
  }

  /** Resolves when so many bytes may be passed on; rejects when `signal` is aborted before. */
  take(bytes: number, signal: AbortSignal): Promise<void> {
    const taken = this.#turn.then(() => this.#take(bytes, signal))
    // Who gives up holds nobody else up.
    this.#turn = taken.catch(() => {})
    return taken
  }

  /** For several who get together what one gets alone: only one of them stands in line at a time. */
  share(): BandwidthShare {
    let turn: Promise<void> = Promise.resolve()
    return {
      take: (bytes, signal) => {
        const taken = turn.then(() => this.take(bytes, signal))
        turn = taken.catch(() => {})
        return taken
      },
    }
  }

  /** A chunk larger than the bucket leaves a debt, which the next one waits for. */
  async #take(bytes: number, signal: AbortSignal): Promise<void> {
    this.#fill()
    const waitMs = (-this.#tokens / this.#bytesPerSecond) * 1000
    if (waitMs > 0) await delay(waitMs, undefined, { signal })
    this.#fill()
    this.#tokens -= bytes
  }

  #fill(): void {
    const now = this.#elapsedMs()
    const gained = ((now - this.#filledAt) / 1000) * this.#bytesPerSecond
    this.#tokens = Math.min(this.#bytesPerSecond * burstSeconds, this.#tokens + gained)
    this.#filledAt = now
  }
}
