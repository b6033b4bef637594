import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobPart } from './blob-answer.ts'
import { type Begun, BlobRelay } from './blob-relay.ts'
import type { BlobTransfer, OpenConnection } from './blob-transfer.ts'
import type { BufferRoom } from './buffer-room.ts'
import { ConnectionCount, worthwhileBytes } from './connection-count.ts'
import { LearnedCount } from './learned-count.ts'
import { LegPlaces } from './leg-places.ts'
import { PiecePages } from './piece-pages.ts'
import { leastPieceBytes } from './piece-size.ts'
import { continueTransfer, openTransfer } from './resuming-transfer.ts'
import type { Slots } from './slots.ts'
import { UpstreamError } from './upstream-error.ts'
import { Wants } from './wants.ts'

type Settings = { readonly maxConnections: number; readonly idleTimeoutMs: number }

type Parts = {
  readonly slots: Slots
  readonly room: BufferRoom
  readonly elapsedMs: () => number
}

/** One fetch of a blob, over however many connections. */
type Fetch = {
  readonly open: OpenConnection
  readonly part: BlobPart
  readonly findExpectedSize: (() => Promise<number | undefined>) | undefined
  readonly turn: number
  readonly signal: AbortSignal
  /** Called when it has ended, perhaps more than once. */
  readonly onEnd: () => void
}

/** More than this for one blob wouldn't be fair, and some upstreams would say so. */
const mostConnections = 6
/** A transfer that gets nowhere is given up after so many idle timeouts. */
const patienceInIdleTimeouts = 4

/** How an upstream's blobs are fetched: over one connection, or over several where that pays. */
export class BlobTransfers {
  readonly #upstream: UpstreamName
  readonly #settings: Settings
  readonly #parts: Parts
  readonly #learned: LearnedCount
  readonly #tally = { receivedBytes: 0 }
  readonly #wants: Wants

  constructor(upstream: UpstreamName, settings: Settings, parts: Parts) {
    this.#upstream = upstream
    this.#settings = settings
    this.#parts = parts
    this.#wants = new Wants(parts.elapsedMs)
    this.#learned = new LearnedCount(parts.elapsedMs)
  }

  /** Resolves when upstream has answered. Throws UpstreamError. */
  async begin(fetch: Fetch): Promise<BlobTransfer> {
    try {
      return (await this.#beginInPieces(fetch)) ?? (await this.#beginWhole(fetch))
    } catch (error) {
      fetch.onEnd()
      throw error
    }
  }

  /** As one answer; a large one may be relieved by others on its way. */
  async #beginWhole(fetch: Fetch): Promise<BlobTransfer> {
    const { part, signal, onEnd } = fetch
    let isRelayed = false
    const onTransferEnd = () => {
      if (!isRelayed) onEnd()
    }
    const settings = { ...this.#transferOf(fetch), part, signal, onEnd: onTransferEnd }
    const transfer = await openTransfer(settings)
    const { sizeBytes = 0, isRanged } = transfer
    const isToTheEnd = part.end === undefined
    if (!isToTheEnd || !isRanged || !this.#isWorthMore(sizeBytes - part.start)) return transfer
    isRelayed = true
    return this.#relay(fetch, { sizeBytes, transfer })
  }

  /**
   * Where several connections are known to pay, the first asks for no more than its piece, so that
   * it needn't be broken off. Undefined where that isn't known, or doesn't go well.
   */
  async #beginInPieces(fetch: Fetch): Promise<BlobTransfer | undefined> {
    const { start, end: wantedEnd } = fetch.part
    const isKnownToPay = (this.#learned.known?.connections ?? 1) > 1
    if (!isKnownToPay || wantedEnd !== undefined) return undefined
    const expectedBytes = (await fetch.findExpectedSize?.()) ?? 0
    if (!this.#isWorthMore(expectedBytes - start)) return undefined
    const leaveRoom = this.#parts.room.tryTake(leastPieceBytes)
    if (!leaveRoom) return undefined
    const end = start + leastPieceBytes - 1
    const transfer = await this.#openPiece(fetch, { start, end }).catch((error) => {
      leaveRoom()
      throw error
    })
    if (transfer?.sizeBytes === undefined) {
      leaveRoom()
      return undefined
    }
    return this.#relay(fetch, {
      sizeBytes: transfer.sizeBytes,
      transfer,
      piece: { end, leaveRoom },
    })
  }

  /** Undefined where upstream doesn't serve parts, or the blob has no such part. */
  async #openPiece(fetch: Fetch, part: BlobPart): Promise<BlobTransfer | undefined> {
    const { signal } = fetch
    const settings = { ...this.#transferOf(fetch), part, signal, onEnd: ignore }
    const transfer = await openTransfer(settings).catch(undefinedIfInvalid)
    if (transfer?.isRanged) return transfer
    transfer?.destroy()
    return undefined
  }

  #isWorthMore(bytes: number): boolean {
    return bytes > worthwhileBytes && this.#settings.maxConnections > 1
  }

  #relay(fetch: Fetch, begun: Begun): BlobRelay {
    const { maxConnections, idleTimeoutMs } = this.#settings
    const { slots, room, elapsedMs } = this.#parts
    const transfer = { ...this.#transferOf(fetch), onEnd: ignore }
    const count = new ConnectionCount({
      most: Math.min(mostConnections, maxConnections),
      findKnown: () => this.#learned.known,
      onLearned: (known) => this.#learned.learn(known),
    })
    return new BlobRelay(begun, {
      upstream: this.#upstream,
      start: fetch.part.start,
      // What fails ahead of the reader is asked for again when it is there, with all patience.
      open: (part, rest, signal) =>
        openTransfer({ ...transfer, part, rest, signal, patienceMs: idleTimeoutMs }),
      goOn: (part, rest, signal) => continueTransfer({ ...transfer, part, rest, signal }),
      count,
      places: new LegPlaces(slots, room, this.#wants),
      pages: new PiecePages(room),
      countBlobs: () => slots.underWay,
      tally: this.#tally,
      elapsedMs,
      signal: fetch.signal,
      onEnd: fetch.onEnd,
    })
  }

  #transferOf({ open, turn }: Fetch) {
    const { elapsedMs } = this.#parts
    const patienceMs = this.#settings.idleTimeoutMs * patienceInIdleTimeouts
    return { upstream: this.#upstream, open, turn, patienceMs, elapsedMs }
  }
}

/** What is wrong with the answer to a part may be right with the whole. */
function undefinedIfInvalid(error: unknown): undefined {
  if (!(error instanceof UpstreamError) || error.kind !== 'invalid') throw error
}

/** The end of one connection is not the end of the fetch. */
function ignore(): void {}
