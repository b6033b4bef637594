// A timer that fires late, or a sender that pauses, may make up for so much.
const catchUpMs = 5

/** A rate, and until when it is spent. */
export class Pace {
  #freeAtMs = 0

  /** When so many bytes will have passed. Without a rate that is at once. */
  reserve(bytes: number, bytesPerSecond: number | undefined): number {
    const nowMs = performance.now()
    if (bytesPerSecond === undefined) return nowMs
    const startMs = Math.max(this.#freeAtMs, nowMs - catchUpMs)
    this.#freeAtMs = startMs + (bytes * 1000) / bytesPerSecond
    return this.#freeAtMs
  }
}
