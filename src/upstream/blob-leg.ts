import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BlobTransfer } from './blob-transfer.ts'
import { GatheredBytes, type PiecePages } from './piece-pages.ts'
import { leastPieceBytes } from './piece-size.ts'

type Settings = {
  /** Of its first byte in the blob, and of its last one. */
  readonly start: number
  readonly end: number
  readonly open: (signal: AbortSignal) => Promise<BlobTransfer>
  readonly pages: PiecePages
  readonly elapsedMs: () => number
  readonly onReceived: (bytes: number) => void
  /** Called when no more comes; `error` says why, where it didn't come to its end. */
  readonly onReceivingEnd: (error?: unknown) => void
  /** Called when it keeps nothing in memory any more. */
  readonly onDrained: () => void
}

/**
 * A piece of a blob on a connection of its own, fetched before its reader gets there. What has come
 * is gathered in memory until then; it is never more than the piece.
 */
export class BlobLeg {
  readonly start: number
  readonly end: number
  readonly #settings: Settings
  readonly #leaving = new AbortController()
  readonly #gathered: GatheredBytes
  #transfer: BlobTransfer | undefined
  #isReceiving = true
  /** When its first bytes came. */
  #flowsSince: number | undefined
  #receivedBytes = 0
  #progress = Promise.withResolvers<void>()

  constructor(settings: Settings) {
    this.#settings = settings
    this.start = settings.start
    this.end = settings.end
    this.#gathered = new GatheredBytes(settings.pages, settings.start)
    void this.#gather()
  }

  /** Whether its connection is in use. */
  get isReceiving(): boolean {
    return this.#isReceiving
  }

  /** Whether bytes come on it. */
  get isFlowing(): boolean {
    return this.#isReceiving && this.#flowsSince !== undefined
  }

  /** Since its first bytes came; undefined where too few have to say. */
  get bytesPerSecond(): number | undefined {
    if (this.#flowsSince === undefined || this.#receivedBytes < leastPieceBytes) return undefined
    return (this.#receivedBytes * 1000) / (this.#settings.elapsedMs() - this.#flowsSince)
  }

  /** What has come and what comes; ends early where upstream does, or where it is destroyed. Read it once. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = this.#gathered.read()
      if (bytes) yield bytes
      else if (this.#isReceiving) await this.#progress.promise
      else break
    }
    this.#gathered.leave()
    this.#settings.onDrained()
  }

  destroy(): void {
    this.#leaving.abort()
    this.#gathered.leave()
    this.#stop()
    this.#settings.onDrained()
  }

  async #gather(): Promise<void> {
    const { open, onReceived, elapsedMs } = this.#settings
    try {
      this.#transfer = await open(this.#leaving.signal)
      if (!this.#isReceiving) return this.#transfer.destroy()
      for await (const chunk of this.#transfer.chunks) {
        if (!this.#isReceiving) return
        this.#flowsSince ??= elapsedMs()
        this.#receivedBytes += chunk.length
        this.#gathered.add(chunk)
        onReceived(chunk.length)
        this.#notify()
      }
      // Only then does undici take the connection for free: the next piece would open another.
      await nextTurn()
      this.#stop()
    } catch (error) {
      this.#stop(error)
    }
  }

  #stop(error?: unknown): void {
    this.#transfer?.destroy()
    if (!this.#isReceiving) return
    this.#isReceiving = false
    this.#notify()
    this.#settings.onReceivingEnd(error)
  }

  #notify(): void {
    this.#progress.resolve()
    this.#progress = Promise.withResolvers()
  }
}
