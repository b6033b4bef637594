import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Asking, Question } from './asking.ts'
import { Bandwidth, type BandwidthShare } from './bandwidth.ts'
import type { BlobAnswer, BlobPart } from './blob-answer.ts'
import { headBlob, requestBlob, type WantedBlob } from './blob-request.ts'
import type { BlobTransfer, Opening } from './blob-transfer.ts'
import { BlobTransfers } from './blob-transfers.ts'
import type { BufferRoom } from './buffer-room.ts'
import { Slots } from './slots.ts'
import { throttle } from './throttled-answer.ts'
import { UpstreamError } from './upstream-error.ts'

type Settings = {
  readonly maxConnections: number
  readonly bandwidthBytesPerSecond: number | undefined
  readonly idleTimeoutMs: number
}

type Parts = {
  readonly asking: Asking
  readonly elapsedMs: () => number
  /** Memory for what is fetched ahead, of all upstreams. */
  readonly room: BufferRoom
}

export type FetchOptions = {
  /** All of it, unless said otherwise; found out when its turn has come. */
  readonly findPart?: () => Promise<BlobPart>
  /** What somebody else says of the whole blob's size; asked only where it is of use beforehand. */
  readonly findExpectedSize?: () => Promise<number | undefined>
  /** Which URL is asked first: 0 the first, 1 the next, and so on round. */
  readonly turn?: number
  /** Whether the caller has a slot for it, by `takeSpareSlot`, and so doesn't wait for another. */
  readonly hasSlot?: boolean
  readonly signal: AbortSignal
}

/** An upstream's blobs: a bounded number at once, and at a bounded rate, each getting its share. */
export class UpstreamBlobs {
  readonly #upstream: UpstreamName
  readonly #settings: Settings
  readonly #parts: Parts
  readonly #slots: Slots
  readonly #bandwidth: Bandwidth | undefined
  readonly #transfers: BlobTransfers

  constructor(upstream: UpstreamName, settings: Settings, parts: Parts) {
    this.#upstream = upstream
    this.#settings = settings
    this.#parts = parts
    this.#slots = new Slots(settings.maxConnections)
    this.#transfers = new BlobTransfers(upstream, settings, { ...parts, slots: this.#slots })
    const { bandwidthBytesPerSecond: rate } = settings
    this.#bandwidth = rate === undefined ? undefined : new Bandwidth(rate, parts.elapsedMs)
  }

  get isBusy(): boolean {
    return this.#slots.areAllTaken
  }

  /**
   * Waits for a slot for a blob that nobody has asked for: see Slots. The caller gives it back with
   * what this resolves with. Throws UpstreamError when `signal` is aborted before.
   */
  async takeSpareSlot(signal: AbortSignal): Promise<(() => void) | undefined> {
    return this.#slots.enterSpare(signal).catch((cause) => this.#leftWaiting(cause))
  }

  describe(): { readonly underWay: number; readonly waiting: number } {
    return { underWay: this.#slots.underWay, waiting: this.#slots.waiting }
  }

  /** Its size in bytes, undefined where upstream has it but doesn't say. Throws UpstreamError. */
  head(repository: Repository, digest: Digest): Promise<number | undefined> {
    const wanted = { repository, digest }
    return this.#parts.asking.ask(toQuestion(wanted), (endpoint) => headBlob(endpoint, wanted))
  }

  /**
   * Begins to fetch a blob, or a part of it; resolves when its turn has come and upstream has answered.
   * A transfer that breaks goes on by itself, and a large one uses several connections where that is
   * faster. Aborting `signal` ends it. Of the bytes nothing is checked here but how many there are.
   * Throws UpstreamError.
   */
  async fetch(
    repository: Repository,
    digest: Digest,
    { findPart, findExpectedSize, turn = 0, hasSlot = false, signal }: FetchOptions,
  ): Promise<BlobTransfer> {
    const wanted = { repository, digest }
    return this.#parts.asking.unlessMissed(toQuestion(wanted), async () => {
      const leave = hasSlot ? leaveToCaller : await this.#enter(signal)
      const part = await findPart?.().catch((error) => {
        leave()
        throw error
      })
      const share = this.#bandwidth?.share()
      return this.#transfers.begin({
        open: (from, opening) => this.#open({ ...wanted, share }, from, opening),
        part: part ?? { start: 0 },
        findExpectedSize,
        turn,
        signal,
        onEnd: leave,
      })
    })
  }

  async #enter(signal: AbortSignal): Promise<() => void> {
    if (this.#slots.isQueueFull) {
      const what = `has too many blobs waiting for their turn here (maxConnections: ${this.#settings.maxConnections})`
      throw new UpstreamError(this.#upstream, 'unavailable', what, { retryAfterSeconds: 10 })
    }
    return this.#slots.enter(signal).catch((cause) => this.#leftWaiting(cause))
  }

  #leftWaiting(cause: unknown): never {
    const what = 'was not waited for any longer'
    throw new UpstreamError(this.#upstream, 'unavailable', what, { cause })
  }

  async #open(
    { share, ...wanted }: WantedBlob & { readonly share: BandwidthShare | undefined },
    part: BlobPart,
    opening: Opening,
  ): Promise<BlobAnswer> {
    const { turn, signal, isKnown, isAhead, isPromised } = opening
    const { idleTimeoutMs: stuckAfterMs } = this.#settings
    const answer = await this.#parts.asking.askUrls(
      (endpoint) => requestBlob(this.#upstream, endpoint, { wanted, part, opening, stuckAfterMs }),
      { turn, signal, isKnown, isOnlyTry: isAhead, isPromised },
    )
    return share ? throttle(this.#upstream, answer, { share, signal }) : answer
  }
}

function toQuestion({ repository, digest }: WantedBlob): Question {
  return { key: `blob ${repository} ${digest}` }
}

/** Whoever has entered gives the slot back. */
function leaveToCaller(): void {}
