import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobPart } from './blob-answer.ts'
import { BlobLeg } from './blob-leg.ts'
import type { BlobTransfer, Rest } from './blob-transfer.ts'
import type { ConnectionCount } from './connection-count.ts'
import type { LegPlaces } from './leg-places.ts'
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
 * A piece that is fetched ahead. Larger ones would fill the memory, and more would be lost when the
 * process dies; smaller ones cost more requests.
 */
export const pieceBytes = 2 * 1024 * 1024
/** So many more than there are connections, so that one may be slower than the others. */
const spareLegs = 2
/**
 * The first piece ahead begins so far before the reader of an open-ended answer that the two run
 * side by side for long enough to be measured: then that answer is broken off.
 */
const leadMs = 1_200
const mostLeadBytes = 24 * 1024 * 1024
const leastLeadBytes = 256 * 1024

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
  /** Open-ended, where one is read at the moment. */
  #direct: BlobTransfer | undefined
  #isDirectFlowing = false
  /** In order and without gaps; the first may be the one that is read. */
  #legs: BlobLeg[] = []
  #position: number
  #waitedMs = 0
  #isDisturbed = false

  constructor({ sizeBytes, transfer, piece }: Begun, settings: Settings) {
    const { start, signal } = settings
    this.sizeBytes = sizeBytes
    this.#settings = settings
    this.#position = start
    if (piece) this.#begin(piece.end, piece.leaveRoom, async () => transfer)
    else this.#direct = transfer
    this.chunks = this.#run()
    signal.addEventListener('abort', this.#end, { once: true })
    if (signal.aborted) this.destroy()
    this.#addLegs()
  }

  destroy(): void {
    if (this.#ending.signal.aborted) return
    const { signal, places, onEnd } = this.#settings
    signal.removeEventListener('abort', this.#end)
    this.#ending.abort()
    this.#direct?.destroy()
    this.#direct = undefined
    this.#drop(0)
    places.keepFor(0)
    onEnd()
  }

  async *#run(): AsyncGenerator<Uint8Array> {
    while (this.#position < this.sizeBytes) {
      if (this.#ending.signal.aborted) throw this.#ended()
      if (!this.#direct) this.#addLegs()
      const [leg] = this.#legs
      if (leg && !this.#direct) yield* this.#readLeg(leg)
      else yield* this.#readDirect()
    }
  }

  async *#readLeg(leg: BlobLeg): AsyncGenerator<Uint8Array> {
    yield* this.#pass(leg.chunks())
    // It may have ended early: whatever comes next begins where it ended.
    if (this.#legs[0] === leg) this.#legs.shift()
  }

  async *#readDirect(): AsyncGenerator<Uint8Array> {
    const direct = this.#direct ?? this.#goOn()
    this.#direct = direct
    yield* this.#pass(direct.chunks)
    direct.destroy()
    this.#direct = undefined
    this.#isDirectFlowing = false
    // Its connection is closed, and its place free for another that begins slowly.
    this.#isDisturbed = true
    this.#addLegs()
  }

  /** Passes on what comes in order: of an open-ended answer only what no leg has. */
  async *#pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { elapsedMs } = this.#settings
    let askedAt = elapsedMs()
    for await (const chunk of chunks) {
      this.#waitedMs += elapsedMs() - askedAt
      const boundary = this.#boundary
      const news = chunk.subarray(0, Math.max(0, boundary - this.#position))
      this.#position += news.length
      if (this.#direct) {
        this.#isDirectFlowing = true
        this.#receive(chunk.length)
      }
      if (news.length > 0) yield news
      if (this.#position >= boundary) return
      askedAt = elapsedMs()
    }
  }

  /** Where an open-ended answer is no longer needed. */
  get #boundary(): number {
    return (this.#direct && this.#legs[0]?.start) ?? Number.POSITIVE_INFINITY
  }

  #goOn(): BlobTransfer {
    const rest = { sizeBytes: this.sizeBytes, isAhead: false }
    return this.#settings.goOn({ start: this.#position }, rest, this.#ending.signal)
  }

  #receive(bytes: number): void {
    const { tally, count, countBlobs, elapsedMs } = this.#settings
    tally.receivedBytes += bytes
    count.observe({
      atMs: elapsedMs(),
      receivedBytes: tally.receivedBytes,
      waitedMs: this.#waitedMs,
      idleMs: performance.eventLoopUtilization().idle,
      remainingBytes: this.sizeBytes - this.#position,
      flowing: this.#legs.filter((leg) => leg.isFlowing).length + Number(this.#isDirectFlowing),
      blobs: countBlobs(),
      isDisturbed: this.#isDisturbed,
    })
    this.#isDisturbed = false
    this.#addLegs()
  }

  get #connections(): number {
    return this.#legs.filter((leg) => leg.isReceiving).length + Number(this.#direct !== undefined)
  }

  /** As many as are wanted, as far as others leave room for them. */
  #addLegs(): void {
    const { count, places } = this.#settings
    if (this.#ending.signal.aborted) return
    while (count.wanted > 1 && this.#connections < count.wanted) {
      if (this.#addLeg()) continue
      this.#isDisturbed = true
      break
    }
    places.keepFor(this.#connections)
  }

  #addLeg(): boolean {
    const { places, open } = this.#settings
    const start = this.#frontier
    if (start >= this.sizeBytes || this.#isFarAhead) return false
    const leaveRoom = places.tryTake(this.#connections, pieceBytes)
    if (!leaveRoom) return false
    const end = Math.min(start + pieceBytes, this.sizeBytes) - 1
    const rest = { sizeBytes: this.sizeBytes, isAhead: true }
    this.#begin(end, leaveRoom, (signal) => open({ start, end }, rest, signal))
    return true
  }

  #begin(
    end: number,
    leaveRoom: () => void,
    open: (signal: AbortSignal) => Promise<BlobTransfer>,
  ): void {
    const leg: BlobLeg = new BlobLeg({
      start: this.#frontier,
      end,
      open,
      onReceived: (bytes) => this.#receive(bytes),
      onReceivingEnd: (error) => this.#onReceivingEnd(leg, error),
      onDrained: leaveRoom,
    })
    this.#legs.push(leg)
  }

  /** Whether more than a few pieces lie there for a reader that doesn't keep up. */
  get #isFarAhead(): boolean {
    if (this.#direct) return false
    return this.#legs.length >= this.#settings.count.wanted + spareLegs
  }

  /** Where the next leg begins. */
  get #frontier(): number {
    const last = this.#legs.at(-1)
    if (last) return last.end + 1
    return this.#position + (this.#direct ? this.#leadBytes : 0)
  }

  get #leadBytes(): number {
    const { bytesPerSecond } = this.#settings.count
    if (bytesPerSecond === undefined) return pieceBytes
    const leadBytes = Math.round((bytesPerSecond * leadMs) / 1000)
    return Math.min(mostLeadBytes, Math.max(leastLeadBytes, leadBytes))
  }

  #onReceivingEnd(leg: BlobLeg, error: unknown): void {
    const position = this.#legs.indexOf(leg)
    if (position >= 0 && error !== undefined) this.#giveUp(position, error)
    this.#addLegs()
  }

  /**
   * One connection is enough from now on. While an open-ended answer runs, that one: it was let in.
   * Else what comes before the leg is still read, and of the leg itself what has come, if it is being
   * read.
   */
  #giveUp(position: number, error: unknown): void {
    const { count } = this.#settings
    const isOffline = error instanceof UpstreamError && error.kind === 'offline'
    if (isOffline) count.stop()
    else count.refuse()
    if (this.#direct) this.#drop(0)
    else this.#drop(Math.max(1, position))
  }

  #drop(from: number): void {
    for (const leg of this.#legs.splice(from)) leg.destroy()
  }

  #ended(): UpstreamError {
    const what = 'was not waited for any longer'
    return new UpstreamError(this.#settings.upstream, 'unavailable', what, { isTimeout: true })
  }
}
