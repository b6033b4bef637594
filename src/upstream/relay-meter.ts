import type { ConnectionCount } from './connection-count.ts'

type Settings = {
  readonly count: ConnectionCount
  /** Of the upstream, under way. */
  readonly countBlobs: () => number
  /** Of all large blobs of the upstream. */
  readonly tally: { receivedBytes: number }
  readonly elapsedMs: () => number
}

/** Measures how a relay is doing, and lets its ConnectionCount know. */
export class RelayMeter {
  readonly #settings: Settings
  #waitedMs = 0
  #waitsSince = 0
  #isDisturbed = false
  #ownBytes = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** From now on the reader waits for upstream, until `endWait`. */
  beginWait(): void {
    this.#waitsSince = this.#settings.elapsedMs()
  }

  endWait(): void {
    this.#waitedMs += this.#settings.elapsedMs() - this.#waitsSince
  }

  /** There isn't what was wanted: a connection was closed, or couldn't be begun. */
  disturb(): void {
    this.#isDisturbed = true
  }

  /** Takes in that so many bytes have come, and on how many connections they do. */
  receive(bytes: number, remainingBytes: number, flowing: number): void {
    const { tally, count, countBlobs, elapsedMs } = this.#settings
    tally.receivedBytes += bytes
    this.#ownBytes += bytes
    count.observe({
      atMs: elapsedMs(),
      receivedBytes: tally.receivedBytes,
      ownBytes: this.#ownBytes,
      waitedMs: this.#waitedMs,
      idleMs: performance.eventLoopUtilization().idle,
      remainingBytes,
      flowing,
      blobs: countBlobs(),
      isDisturbed: this.#isDisturbed,
    })
    this.#isDisturbed = false
  }
}
