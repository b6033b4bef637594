import type { BlobPart } from './blob-answer.ts'
import { BlobLeg } from './blob-leg.ts'
import type { BlobTransfer, Rest } from './blob-transfer.ts'
import type { ConnectionCount } from './connection-count.ts'
import type { LegPlaces } from './leg-places.ts'
import type { PiecePages } from './piece-pages.ts'
import { leadBytesAt, leastPieceBytes, mostAheadBytesOf, pieceBytesAt } from './piece-size.ts'
import { UpstreamError } from './upstream-error.ts'

/** Where the blob's reader is; it changes while the row goes by it. */
export type Reading = {
  /** Of the next byte. */
  readonly position: number
  /** The open-ended answer that it reads, if it does, on a connection beside those of the legs. */
  readonly direct: BlobTransfer | undefined
}

type Settings = {
  /** Of the whole blob. */
  readonly sizeBytes: number
  readonly reading: Reading
  /** Opens a piece ahead. */
  readonly open: (part: BlobPart, rest: Rest, signal: AbortSignal) => Promise<BlobTransfer>
  readonly count: ConnectionCount
  readonly places: LegPlaces
  readonly pages: PiecePages
  readonly elapsedMs: () => number
  readonly onReceived: (bytes: number) => void
  /** Called when a leg that is wanted couldn't be begun. */
  readonly onShortage: () => void
}

/** So many more than there are connections, so that one may be slower than the others. */
const spareLegs = 2

/**
 * What is fetched of a blob before its reader gets there: legs, in order and without gaps, of which
 * the first may be the one that is read. As many as `count` wants, where there are places for them.
 */
export class LegRow {
  readonly #settings: Settings
  readonly #legs: BlobLeg[] = []
  #isClosed = false
  #pieceBytes = leastPieceBytes

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get first(): BlobLeg | undefined {
    return this.#legs[0]
  }

  /** Legs on which bytes come. */
  get flowing(): number {
    return this.#legs.filter((leg) => leg.isFlowing).length
  }

  /** Begins the leg that comes next; `leaveRoom` gives back the memory for it. */
  begin(
    end: number,
    leaveRoom: () => void,
    open: (signal: AbortSignal) => Promise<BlobTransfer>,
  ): void {
    const { pages, elapsedMs, onReceived } = this.#settings
    const leg: BlobLeg = new BlobLeg({
      start: this.#frontier,
      end,
      open,
      pages,
      elapsedMs,
      onReceived,
      onReceivingEnd: (error) => this.#onReceivingEnd(leg, error),
      onDrained: leaveRoom,
    })
    this.#legs.push(leg)
  }

  /** Begins as many legs as are wanted, as far as others leave room for them. */
  fill(): void {
    const { count, places, onShortage } = this.#settings
    places.wantNothing()
    if (this.#isClosed) return
    while (count.wanted > 1 && this.#connections < count.wanted) {
      if (this.#tryAdd()) continue
      onShortage()
      break
    }
    if (places.areOthersInWant) count.contend()
    places.keepFor(this.#connections)
  }

  /** The reader has got all that comes of this leg. */
  leave(leg: BlobLeg): void {
    if (this.#legs[0] === leg) this.#legs.shift()
  }

  /** Ends all legs, and begins no more. */
  close(): void {
    this.#isClosed = true
    this.#drop(0)
    this.#settings.places.wantNothing()
    this.#settings.places.keepFor(0)
  }

  /** Those in use for this blob. */
  get #connections(): number {
    const receiving = this.#legs.filter((leg) => leg.isReceiving).length
    return receiving + Number(this.#settings.reading.direct !== undefined)
  }

  #tryAdd(): boolean {
    const { sizeBytes, places, open } = this.#settings
    const start = this.#frontier
    if (start >= sizeBytes || this.#isFarAhead) return false
    const bytes = Math.min(this.#pieceBytes, sizeBytes - start)
    const leaveRoom = places.tryTake(this.#connections, bytes)
    if (!leaveRoom) return false
    const end = start + bytes - 1
    const rest = { sizeBytes, isAhead: true }
    this.begin(end, leaveRoom, (signal) => open({ start, end }, rest, signal))
    return true
  }

  /** Where the next leg begins. */
  get #frontier(): number {
    const { reading, count } = this.#settings
    const last = this.#legs.at(-1)
    if (last) return last.end + 1
    return reading.position + (reading.direct ? leadBytesAt(count.bytesPerSecond) : 0)
  }

  /** Whether as much lies there as may be lost, or more than a few pieces for a reader that doesn't keep up. */
  get #isFarAhead(): boolean {
    const { reading, count, sizeBytes } = this.#settings
    if (this.#aheadBytes + this.#pieceBytes > mostAheadBytesOf(sizeBytes)) return true
    return !reading.direct && this.#legs.length >= count.wanted + spareLegs
  }

  /** What comes, or has come, on the legs and isn't read yet. */
  get #aheadBytes(): number {
    const [first] = this.#legs
    return first ? this.#frontier - Math.max(first.start, this.#settings.reading.position) : 0
  }

  #onReceivingEnd(leg: BlobLeg, error: unknown): void {
    const place = this.#legs.indexOf(leg)
    this.#pieceBytes = pieceBytesAt(leg.bytesPerSecond, this.#settings.sizeBytes)
    if (place >= 0 && error !== undefined) this.#giveUp(place, error)
    this.fill()
  }

  /**
   * One connection is enough from now on. While an open-ended answer runs, that one: it was let in.
   * Else what comes before the leg is still read, and of the leg itself what has come, if it is being
   * read.
   */
  #giveUp(place: number, error: unknown): void {
    const { count, reading } = this.#settings
    const isOffline = error instanceof UpstreamError && error.kind === 'offline'
    if (isOffline) count.stop()
    else count.refuse()
    this.#drop(reading.direct ? 0 : Math.max(1, place))
  }

  #drop(from: number): void {
    for (const leg of this.#legs.splice(from)) leg.destroy()
  }
}
