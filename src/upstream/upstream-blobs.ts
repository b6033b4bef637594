import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Asking, Question } from './asking.ts'
import { Bandwidth, type BandwidthShare } from './bandwidth.ts'
import { type BlobAnswer, type BlobPart, rangeHeader, readBlobAnswer } from './blob-answer.ts'
import type { BlobTransfer, Opening } from './blob-transfer.ts'
import { BlobTransfers } from './blob-transfers.ts'
import type { BufferRoom } from './buffer-room.ts'
import { describeFailure } from './describe-failure.ts'
import { type RegistryEndpoint, StorageRefusedError } from './registry-endpoint.ts'
import { discardBody } from './response-body.ts'
import { Slots } from './slots.ts'
import { readContentLength } from './transport.ts'
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

type Wanted = { readonly repository: Repository; readonly digest: Digest }

const answerDeadlineMs = 60_000

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

  /**
   * The blob's size in bytes, undefined where upstream has it but doesn't say: its storage host may
   * refuse HEAD, but the registry's redirect there was a yes. Throws UpstreamError.
   */
  async head(repository: Repository, digest: Digest): Promise<number | undefined> {
    const ask = async (endpoint: RegistryEndpoint) => {
      const response = await endpoint
        .request({
          method: 'HEAD',
          path: `/v2/${repository}/blobs/${digest}`,
          repository,
          signal: AbortSignal.timeout(answerDeadlineMs),
        })
        .catch(undefinedIfStorageRefuses)
      if (!response) return undefined
      await discardBody(response.body)
      return readContentLength(response)
    }
    return this.#parts.asking.ask(toQuestion({ repository, digest }), ask)
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
    { share, ...wanted }: Wanted & { readonly share: BandwidthShare | undefined },
    part: BlobPart,
    opening: Opening,
  ): Promise<BlobAnswer> {
    const { turn, signal, isKnown, isAhead, isPromised } = opening
    const ask = (endpoint: RegistryEndpoint) => this.#request(endpoint, wanted, part, opening)
    const options = { turn, signal, isKnown, isOnlyTry: isAhead, isPromised }
    const answer = await this.#parts.asking.askUrls(ask, options)
    return share ? this.#throttle(answer, share, signal) : answer
  }

  async #request(
    endpoint: RegistryEndpoint,
    { repository, digest }: Wanted,
    part: BlobPart,
    { sizeBytes, signal }: Opening,
  ): Promise<BlobAnswer> {
    const response = await endpoint.request({
      method: 'GET',
      path: `/v2/${repository}/blobs/${digest}`,
      repository,
      headers: rangeHeader(part),
      purpose: 'blob',
      signal,
    })
    const stuckAfterMs = this.#settings.idleTimeoutMs
    const answer = await readBlobAnswer(this.#upstream, part, { response, stuckAfterMs })
    if ((answer.sizeBytes ?? sizeBytes) === (sizeBytes ?? answer.sizeBytes)) return answer
    answer.destroy()
    const what = `changed a blob under way from ${sizeBytes} to ${answer.sizeBytes} bytes`
    throw new UpstreamError(this.#upstream, 'invalid', what)
  }

  #throttle(answer: BlobAnswer, share: BandwidthShare, signal: AbortSignal): BlobAnswer {
    const upstream = this.#upstream
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of answer.chunks) {
        await share.take(chunk.length, signal).catch((error) => {
          throw describeFailure(upstream, error)
        })
        yield chunk
      }
    }
    return { ...answer, chunks: chunks() }
  }
}

function toQuestion({ repository, digest }: Wanted): Question {
  return { key: `blob ${repository} ${digest}` }
}

/** Whoever has entered gives the slot back. */
function leaveToCaller(): void {}

function undefinedIfStorageRefuses(error: unknown): undefined {
  if (!(error instanceof StorageRefusedError)) throw error
}
