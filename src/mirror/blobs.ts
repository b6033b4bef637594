import type { Digest } from '../oci/digest.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { ArrivingBlobs, undefinedIfUpstreamFails } from './arriving-blobs.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobFetch } from './blob-fetch.ts'
import type { BlobFetches } from './blob-fetches.ts'
import { type BlobPull, closeAndThrow } from './blob-pull.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import { KeptBlobs } from './kept-blobs.ts'
import type { Leases } from './leases.ts'
import type { Sources } from './sources.ts'
import { UnrecordedBlobs } from './unrecorded-blobs.ts'

export type BlobHead = { readonly sizeBytes: number | undefined; readonly cache: CacheOutcome }

type Settings = {
  readonly stores: Stores
  readonly access: BlobAccess
  readonly leases: Leases
  readonly fetches: BlobFetches
  readonly now: () => number
  readonly sources: Sources
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown, what: string) => void
}

type Wanted = {
  readonly source: Source
  readonly digest: Digest
  readonly isKnown: boolean
  readonly revokedCount: number
}

/** Pulls of blobs: from the store, from a fetch that is under way, or from upstream. */
export class Blobs {
  readonly #settings: Settings
  readonly #access: BlobAccess
  readonly #kept: KeptBlobs
  readonly #arriving: ArrivingBlobs

  constructor(settings: Settings) {
    const { stores, access, leases, onError } = settings
    this.#settings = settings
    this.#access = access
    const unrecorded = new UnrecordedBlobs(settings)
    this.#kept = new KeptBlobs({ blobs: stores.blobs, access, leases, unrecorded, onError })
    this.#arriving = new ArrivingBlobs(settings)
  }

  /** What HEAD answers. It begins no fetch. Throws UpstreamError or RegistryError. */
  async head(source: Source, digest: Digest): Promise<BlobHead> {
    const { stores, sources } = this.#settings
    const isKnown = await this.#access.isKnown(source, digest)
    const keptBytes = await stores.blobs.find(digest)
    const isKept = keptBytes !== undefined && (await this.#access.isWhole(digest, keptBytes))
    if (isKept && (isKnown || (await this.#access.takesWord(source, digest)))) {
      await this.#prove({ source, digest, isKnown })
      return { sizeBytes: keptBytes, cache: 'hit' }
    }
    const sizeBytes = await sources.upstreamOf(source).headBlob(source.repository, digest)
    const expected = await stores.metadata.findChildSize(source, digest)
    return { sizeBytes: sizeBytes ?? expected, cache: 'pass' }
  }

  /**
   * Resolves once there is something to serve: the blob is kept, or upstream has answered. The
   * caller closes the pull. Throws UpstreamError or RegistryError.
   */
  async pull(source: Source, digest: Digest): Promise<BlobPull> {
    const { fetches } = this.#settings
    const { revokedCount } = this.#settings.leases
    const isKnown = await this.#access.isKnown(source, digest)
    const wanted = { source, digest, isKnown, revokedCount }
    for (;;) {
      const settledCount = fetches.settledCount
      const isReplacing = this.#isToBeReplaced(wanted)
      const isWanted = isReplacing || fetches.find(digest)
      const kept = isWanted ? undefined : await this.#pullKept(wanted)
      if (kept) return kept
      const running = fetches.find(digest)
      // One that has failed has no answer for whoever comes now, only for those it was asked by.
      if (running?.hasFailed) await running.finished
      // A fetch that ended while we looked has put the blob where we didn't see it: look again.
      if (settledCount !== fetches.settledCount && !fetches.find(digest)) continue
      const following = this.#follow(this.#findOrStart(wanted), wanted)
      // What can't be had anew may be readable by now.
      const pull = await (isReplacing ? following.catch(undefinedIfUpstreamFails) : following)
      if (pull) return pull
    }
  }

  /** Fetches what is lost, for no client. Throws UpstreamError, or StoreFaultError where the disk doesn't take it. */
  async refetch(source: Source, digest: Digest): Promise<void> {
    const { fetches, sources } = this.#settings
    const upstream = sources.upstreamOf(source)
    const fetch = fetches.find(digest) ?? fetches.start(source, digest, upstream)
    await fetch.finished
    if (fetch.failure !== undefined) throw fetch.failure
  }

  /** It is kept, but couldn't be read. */
  doubt(digest: Digest): void {
    this.#kept.doubt(digest)
  }

  #findOrStart({ source, digest }: Wanted): BlobFetch {
    const { fetches, sources } = this.#settings
    return fetches.find(digest) ?? fetches.start(source, digest, sources.upstreamOf(source))
  }

  #isToBeReplaced({ source, digest }: Wanted): boolean {
    const { fetches, sources } = this.#settings
    if (!this.#kept.isDoubtful(digest) || fetches.find(digest)) return false
    return sources.upstreamOf(source).outage === undefined && this.#kept.takeDoubt(digest)
  }

  async #pullKept(wanted: Wanted): Promise<BlobPull | undefined> {
    const { stores, now } = this.#settings
    const { source, digest, isKnown } = wanted
    if (!isKnown && !(await this.#access.mayShow(source, digest))) return undefined
    const kept = await this.#kept.open(digest)
    if (!kept) return undefined
    const isProven = await this.#prove(wanted).catch((error) => closeAndThrow(kept, error))
    stores.accessTimes.touchBlob(digest, now())
    return this.#kept.toPull(digest, kept, { revokedCount: wanted.revokedCount, isProven })
  }

  /** Undefined if the fetch ended meanwhile, or failed for another repository, and it is to be tried anew. */
  async #follow(fetch: BlobFetch, wanted: Wanted): Promise<BlobPull | undefined> {
    const { source, digest } = wanted
    const isOwn = formatSource(fetch.source) === formatSource(source)
    const { upstream } = fetch.source
    if (!isOwn && !this.#settings.sources.takesWord(source.upstream, upstream)) {
      await fetch.finished
      return undefined
    }
    if (!isOwn) await this.#prove(wanted)
    let sizeBytes: number
    try {
      sizeBytes = await fetch.started
    } catch (error) {
      if (isOwn) throw error
      await fetch.finished
      return undefined
    }
    return this.#arriving.toPull({ source, digest, fetch, sizeBytes })
  }

  /** Says whether that will hold: see proveIfPossible. */
  async #prove({ source, digest, isKnown }: Omit<Wanted, 'revokedCount'>): Promise<boolean> {
    if (isKnown) return true
    const upstream = this.#settings.sources.upstreamOf(source)
    return this.#access.proveIfPossible(source, digest, upstream)
  }
}
