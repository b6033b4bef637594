import type { ByteRange } from '../oci/byte-range.ts'
import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { BlobReader } from '../store/blob-store.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { BlobFetch } from './blob-fetch.ts'
import type { BlobFollower } from './blob-follower.ts'
import { type BlobPull, closeAndThrow, type OpenedRange } from './blob-pull.ts'
import { PassReader } from './pass-reader.ts'
import type { Sources } from './sources.ts'
import { Turnstile } from './turnstile.ts'

/** A Range that begins further than this beyond what has arrived gets a request of its own. */
const farAheadBytes = 16 * 1024 * 1024
/**
 * Such requests at once, for each upstream: they flow at their clients' speed, and slow clients must
 * not hold all of its connections.
 */
const maxPassing = 4
/** How long an answer's head waits for the first byte behind it. */
const headWaitsMs = 5_000

type Settings = {
  readonly sources: Sources
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
}

type Arriving = {
  readonly source: Source
  readonly digest: Digest
  readonly fetch: BlobFetch
  readonly sizeBytes: number
}

/** Blobs that are on their way: read as they arrive, or past what has arrived. */
export class ArrivingBlobs {
  readonly #settings: Settings
  readonly #passing = new Turnstile(maxPassing)

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Only after `started`. Undefined if the fetch has ended meanwhile. */
  toPull(arriving: Arriving): BlobPull | undefined {
    const { fetch, sizeBytes } = arriving
    const reader = fetch.openReader(sizeBytes, { isClient: true })
    if (!reader) return undefined
    return {
      sizeBytes,
      cache: fetch.isPassedOn ? 'pass' : 'miss',
      openRange: (range, { isOnly }) => this.#openRange(arriving, range, isOnly),
      close: () => reader.close(),
    }
  }

  async #openRange(arriving: Arriving, range: ByteRange, isOnly: boolean): Promise<OpenedRange> {
    const { fetch, sizeBytes } = arriving
    const isFarAhead = range.start > fetch.availableBytes + farAheadBytes && !fetch.isPassedOn
    if (isFarAhead && isOnly) {
      const reader = await this.#fetchRange(arriving, range)
      if (reader) return { reader, cache: 'pass' }
    }
    const reader = fetch.openReader(sizeBytes)
    if (!reader) throw new Error('the fetch ended while its content was still held')
    await waitFor(reader, range.start).catch((error) => closeAndThrow(reader, error))
    return { reader, growing: reader, cache: fetch.isPassedOn ? 'pass' : 'miss' }
  }

  /** Undefined where it can't be had now, or upstream doesn't serve parts; the growing blob then must do. */
  async #fetchRange(
    { source, digest, sizeBytes }: Arriving,
    range: ByteRange,
  ): Promise<BlobReader | undefined> {
    const { sources, signal } = this.#settings
    const upstream = sources.upstreamOf(source)
    const leave = upstream.isBusy ? undefined : this.#passing.enter(source.upstream)
    if (!leave) return undefined
    const transfer = await upstream
      .fetchBlob(source.repository, digest, { findPart: async () => range, signal })
      .catch(undefinedIfUpstreamFails)
    if (transfer?.isRanged && transfer.sizeBytes === sizeBytes) {
      return new PassReader({ transfer, start: range.start, sizeBytes, onClose: leave })
    }
    transfer?.destroy()
    leave()
    return undefined
  }
}

/** While nothing has been sent, a failure can still be told; but not for long is there no answer. */
async function waitFor(reader: BlobFollower, position: number): Promise<void> {
  const timer = Promise.withResolvers<void>()
  const timeout = setTimeout(timer.resolve, headWaitsMs)
  await Promise.race([reader.ready(position), timer.promise]).finally(() => clearTimeout(timeout))
}

/** The caller has another way then. */
export function undefinedIfUpstreamFails(error: unknown): undefined {
  if (!(error instanceof UpstreamError)) throw error
}
