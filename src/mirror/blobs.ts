import type { ByteRange } from '../oci/byte-range.ts'
import type { Digest } from '../oci/digest.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { BlobReader } from '../store/blob-store.ts'
import type { Stores } from '../store/open-stores.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobFetch } from './blob-fetch.ts'
import type { BlobFetches } from './blob-fetches.ts'
import type { BlobFollower } from './blob-follower.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import { PassReader } from './pass-reader.ts'
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

export type BlobHead = { readonly sizeBytes: number | undefined; readonly cache: CacheOutcome }

export type OpenedRange = { readonly reader: BlobReader; readonly cache: CacheOutcome }

export type BlobPull = {
  readonly sizeBytes: number
  readonly cache: CacheOutcome
  /**
   * A reader good for this range, read in order, and how its bytes come about. The caller closes it.
   * Only the only range of an answer may get a request to upstream of its own.
   */
  openRange(range: ByteRange, options: { isOnly: boolean }): Promise<OpenedRange>
  /** Lets go of the blob, after its readers were closed. */
  close(): Promise<void>
}

type Settings = {
  readonly stores: Stores
  readonly access: BlobAccess
  readonly fetches: BlobFetches
  readonly now: () => number
  readonly upstreamOf: (source: Source) => Upstream
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown, what: string) => void
}

/** Pulls of blobs: from the store, from a fetch that is under way, or from upstream. */
export class Blobs {
  readonly #settings: Settings
  readonly #access: BlobAccess
  readonly #passing = new Turnstile(maxPassing)
  /** Kept, but couldn't be read the last time. */
  readonly #doubtful = new Set<Digest>()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#access = settings.access
  }

  /** What HEAD answers. It begins no fetch. Throws UpstreamError or RegistryError. */
  async head(source: Source, digest: Digest): Promise<BlobHead> {
    const { stores, upstreamOf } = this.#settings
    if (await this.#access.isKnown(source, digest)) {
      const sizeBytes = await stores.blobs.find(digest)
      const isKept = sizeBytes !== undefined && (await this.#access.isWhole(digest, sizeBytes))
      if (isKept) return { sizeBytes, cache: 'hit' }
    }
    const sizeBytes = await upstreamOf(source).headBlob(source.repository, digest)
    const expected = await stores.metadata.findChildSize(source, digest)
    return { sizeBytes: sizeBytes ?? expected, cache: 'pass' }
  }

  /**
   * Resolves once there is something to serve: the blob is kept, or upstream has answered. The
   * caller closes the pull. Throws UpstreamError or RegistryError.
   */
  async pull(source: Source, digest: Digest): Promise<BlobPull> {
    const { fetches, stores, now, upstreamOf } = this.#settings
    const isKnown = await this.#access.isKnown(source, digest)
    for (;;) {
      const settledCount = fetches.settledCount
      const isReplacing = !fetches.find(digest) && this.#isToBeReplaced(source, digest)
      const isWanted = isReplacing || fetches.find(digest)
      const kept = isWanted ? undefined : await this.#openKept(digest)
      if (kept) {
        await this.#prove(source, digest, isKnown).catch((error) => closeAndThrow(kept, error))
        stores.accessTimes.touchBlob(digest, now())
        return this.#pullKept(digest, kept)
      }
      // A fetch that ended while we looked has put the blob where we didn't see it: look again.
      const running = fetches.find(digest)
      if (running?.hasFailed) {
        await running.finished
        continue
      }
      if (!running && settledCount !== fetches.settledCount) continue
      const fetch = running ?? fetches.start(source, digest, upstreamOf(source))
      const following = this.#follow(fetch, { source, digest, isKnown })
      // What can't be had anew may be readable by now.
      const pull = await (isReplacing ? following.catch(undefinedIfUpstreamFails) : following)
      if (pull) return pull
    }
  }

  /**
   * What couldn't be read is fetched again, once and if that is possible: the disk may have failed
   * for a moment only, so the file stays until there is another to take its place.
   */
  #isToBeReplaced(source: Source, digest: Digest): boolean {
    if (!this.#doubtful.has(digest) || this.#settings.upstreamOf(source).outage) return false
    return this.#doubtful.delete(digest)
  }

  /** Undefined if it isn't kept; what is kept but damaged is taken away, to be fetched again. */
  async #openKept(digest: Digest): Promise<BlobReader | undefined> {
    const { blobs } = this.#settings.stores
    const kept = await blobs.open(digest)
    if (!kept || (await this.#access.isWhole(digest, kept.sizeBytes))) return kept
    await kept.close()
    await blobs.remove(digest)
    const what = `${digest} has ${kept.sizeBytes} bytes on disk and not what was kept`
    this.#settings.onError(new Error(what), 'a damaged blob is fetched again')
    return undefined
  }

  #pullKept(digest: Digest, kept: BlobReader): BlobPull {
    const { sizeBytes } = kept
    const read = async (buffer: Uint8Array, position: number) => {
      try {
        return await kept.read(buffer, position)
      } catch (error) {
        if (error instanceof StoreFaultError) this.#doubtful.add(digest)
        throw error
      }
    }
    const reader: BlobReader = { sizeBytes, read, close: async () => {} }
    return {
      sizeBytes,
      cache: 'hit',
      openRange: async () => ({ reader, cache: 'hit' }),
      close: () => kept.close(),
    }
  }

  /** Undefined if the fetch ended meanwhile, or failed for another repository, and it is to be tried anew. */
  async #follow(
    fetch: BlobFetch,
    wanted: { source: Source; digest: Digest; isKnown: boolean },
  ): Promise<BlobPull | undefined> {
    const { source, digest, isKnown } = wanted
    const isOwn = formatSource(fetch.source) === formatSource(source)
    if (!isOwn) await this.#prove(source, digest, isKnown)
    let sizeBytes: number
    try {
      sizeBytes = await fetch.started
    } catch (error) {
      if (isOwn) throw error
      await fetch.finished
      return undefined
    }
    const reader = fetch.openReader(sizeBytes)
    if (!reader) return undefined
    return {
      sizeBytes,
      cache: fetch.isPassedOn ? 'pass' : 'miss',
      openRange: (range, { isOnly }) =>
        this.#openRange({ ...wanted, fetch, sizeBytes, range, isOnly }),
      close: () => reader.close(),
    }
  }

  async #openRange(wanted: {
    source: Source
    digest: Digest
    fetch: BlobFetch
    sizeBytes: number
    range: ByteRange
    isOnly: boolean
  }): Promise<OpenedRange> {
    const { source, digest, fetch, sizeBytes, range } = wanted
    const isFarAhead = range.start > fetch.availableBytes + farAheadBytes && !fetch.isPassedOn
    if (isFarAhead && wanted.isOnly) {
      const reader = await this.#fetchRange(source, digest, { range, sizeBytes })
      if (reader) return { reader, cache: 'pass' }
    }
    const reader = fetch.openReader(sizeBytes)
    if (!reader) throw new Error('the fetch ended while its content was still held')
    await this.#waitFor(reader, range.start).catch((error) => closeAndThrow(reader, error))
    return { reader, cache: fetch.isPassedOn ? 'pass' : 'miss' }
  }

  /** Undefined where it can't be had now, or upstream doesn't serve parts; the growing blob then must do. */
  async #fetchRange(
    source: Source,
    digest: Digest,
    wanted: { range: ByteRange; sizeBytes: number },
  ): Promise<BlobReader | undefined> {
    const { range, sizeBytes } = wanted
    const upstream = this.#settings.upstreamOf(source)
    const leave = upstream.isBusy ? undefined : this.#passing.enter(source.upstream)
    if (!leave) return undefined
    const transfer = await upstream
      .fetchBlob(source.repository, digest, {
        findPart: async () => range,
        signal: this.#settings.signal,
      })
      .catch(undefinedIfUpstreamFails)
    if (transfer?.isRanged && transfer.sizeBytes === sizeBytes) {
      return new PassReader({ transfer, start: range.start, sizeBytes, onClose: leave })
    }
    transfer?.destroy()
    leave()
    return undefined
  }

  /** While nothing has been sent, a failure can still be told; but not for long is there no answer. */
  async #waitFor(reader: BlobFollower, position: number): Promise<void> {
    const timer = Promise.withResolvers<void>()
    const timeout = setTimeout(timer.resolve, headWaitsMs)
    await Promise.race([reader.ready(position), timer.promise]).finally(() => clearTimeout(timeout))
  }

  async #prove(source: Source, digest: Digest, isKnown: boolean): Promise<void> {
    if (!isKnown) await this.#access.prove(source, digest, this.#settings.upstreamOf(source))
  }
}

function undefinedIfUpstreamFails(error: unknown): undefined {
  if (!(error instanceof UpstreamError)) throw error
}

async function closeAndThrow(reader: BlobReader, error: unknown): Promise<never> {
  await reader.close()
  throw error
}
