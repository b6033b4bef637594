import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobPart } from './blob-answer.ts'
import type { BlobLeg } from './blob-leg.ts'
import type { BlobTransfer, Rest } from './blob-transfer.ts'
import type { ConnectionCount } from './connection-count.ts'
import type { LegPlaces } from './leg-places.ts'
import { LegRow } from './leg-row.ts'
import type { PiecePages } from './piece-pages.ts'
import { RelayMeter } from './relay-meter.ts'
import { UpstreamError } from './upstream-error.ts'

/** What was opened already. */
export type Begun = {
  /** Of the whole blob. */
  readonly sizeBytes: number
  /** Open-ended, unless a piece is given. */
  readonly transfer: BlobTransfer
  /** Where it ends, and what gives back the memory for it. */
  readonly piece?: { readonly end: number; readonly leaveRoom: () => void }
}

type Settings = {
  readonly upstream: UpstreamName
  /** Of the first byte that is wanted; it is wanted to the end. */
  readonly start: number
  /** Opens a piece ahead. */
  readonly open: (part: BlobPart, rest: Rest, signal: AbortSignal) => Promise<BlobTransfer>
  /** Goes on to the end of the blob, once the reader is there. */
  readonly goOn: (part: BlobPart, rest: Rest, signal: AbortSignal) => BlobTransfer
  readonly count: ConnectionCount
  readonly places: LegPlaces
  readonly pages: PiecePages
  /** Of the upstream, under way. */
  readonly countBlobs: () => number
  /** Of all large blobs of the upstream. */
  readonly tally: { receivedBytes: number }
  readonly elapsedMs: () => number
  readonly signal: AbortSignal
  /** Called when it has ended, once. */
  readonly onEnd: () => void
}

/**
 * One blob over several connections, as a relay: one at a time carries the bytes that are passed
 * on, in order, while others fetch the pieces that come after. It begins as one open-ended answer, and
 * is that to the end unless `count` wants more. What goes wrong ahead costs only the speed.
 */
export class BlobRelay implements BlobTransfer {
  readonly isRanged = true
  readonly sizeBytes: number
  readonly chunks: AsyncIterable<Uint8Array>
  readonly #settings: Settings
  readonly #ending = new AbortController()
  readonly #end = () => this.destroy()
  readonly #meter: RelayMeter
  readonly #legs: LegRow
  readonly #reading: { position: number; direct: BlobTransfer | undefined }
  #isDirectFlowing = false

  constructor({ sizeBytes, transfer, piece }: Begun, settings: Settings) {
    const { start, signal } = settings
    this.sizeBytes = sizeBytes
    this.#settings = settings
    this.#reading = { position: start, direct: piece ? undefined : transfer }
    this.#meter = new RelayMeter(settings)
    this.#legs = new LegRow({
      ...settings,
      sizeBytes,
      reading: this.#reading,
      onReceived: (bytes) => this.#receive(bytes),
      onShortage: () => this.#meter.disturb(),
    })
    if (piece) this.#legs.begin(piece.end, piece.leaveRoom, async () => transfer)
    this.chunks = this.#run()
    signal.addEventListener('abort', this.#end, { once: true })
    if (signal.aborted) this.destroy()
    this.#legs.fill()
  }

  destroy(): void {
    if (this.#ending.signal.aborted) return
    const { signal, onEnd } = this.#settings
    signal.removeEventListener('abort', this.#end)
    this.#ending.abort()
    this.#reading.direct?.destroy()
    this.#reading.direct = undefined
    this.#legs.close()
    onEnd()
  }

  release(position: number): void {
    this.#settings.pages.release(position)
  }

  async *#run(): AsyncGenerator<Uint8Array> {
    while (this.#reading.position < this.sizeBytes) {
      if (this.#ending.signal.aborted) throw this.#ended()
      if (!this.#reading.direct) this.#legs.fill()
      const leg = this.#legs.first
      if (leg && !this.#reading.direct) yield* this.#readLeg(leg)
      else yield* this.#readDirect()
    }
  }

  async *#readLeg(leg: BlobLeg): AsyncGenerator<Uint8Array> {
    yield* this.#pass(leg.chunks())
    // It may have ended early: whatever comes next begins where it ended.
    this.#legs.leave(leg)
  }

  async *#readDirect(): AsyncGenerator<Uint8Array> {
    const direct = this.#reading.direct ?? this.#goOn()
    this.#reading.direct = direct
    yield* this.#pass(direct.chunks)
    direct.destroy()
    this.#reading.direct = undefined
    this.#isDirectFlowing = false
    // Its connection is closed, and its place free for another that begins slowly.
    this.#meter.disturb()
    this.#legs.fill()
  }

  /** Passes on what comes in order: of an open-ended answer only what no leg has. */
  async *#pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reading = this.#reading
    this.#meter.beginWait()
    for await (const chunk of chunks) {
      this.#meter.endWait()
      const boundary = this.#boundary
      const news = chunk.subarray(0, Math.max(0, boundary - reading.position))
      reading.position += news.length
      if (reading.direct) {
        this.#isDirectFlowing = true
        this.#receive(chunk.length)
      }
      if (news.length > 0) yield news
      if (reading.position >= boundary) return
      this.#meter.beginWait()
    }
  }

  /** Where an open-ended answer is no longer needed. */
  get #boundary(): number {
    return (this.#reading.direct && this.#legs.first?.start) ?? Number.POSITIVE_INFINITY
  }

  #goOn(): BlobTransfer {
    const rest = { sizeBytes: this.sizeBytes, isAhead: false }
    return this.#settings.goOn({ start: this.#reading.position }, rest, this.#ending.signal)
  }

  #receive(bytes: number): void {
    const remainingBytes = this.sizeBytes - this.#reading.position
    const flowing = this.#legs.flowing + Number(this.#isDirectFlowing)
    this.#meter.receive(bytes, remainingBytes, flowing)
    this.#legs.fill()
  }

  #ended(): UpstreamError {
    const what = 'was not waited for any longer'
    return new UpstreamError(this.#settings.upstream, 'unavailable', what, { isTimeout: true })
  }
}
