import type { Digest } from '../oci/digest.ts'
import { type Manifest, ManifestFormatError, parseManifest } from '../oci/manifest.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { BlobAccess } from './blob-access.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import type { Lease } from './lease.ts'
import type { Leases } from './leases.ts'
import type { KeptManifest, ManifestKeeper } from './manifest-keeper.ts'
import { SingleFlight } from './single-flight.ts'
import type { Sources } from './sources.ts'

export type Method = 'GET' | 'HEAD'

export type ManifestPull = {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
  /** Absent only in the answer to a HEAD for what isn't kept. */
  readonly bytes?: Buffer
  readonly cache: CacheOutcome
  /** Text of a Warning, where the answer is stale. */
  readonly warning?: string
  /** Whose it is, where that isn't the source that was asked for. */
  readonly source?: Source
  /** Where the same may be answered again without asking. */
  readonly lease?: Lease
}

type Settings = {
  readonly stores: Stores
  readonly access: Pick<BlobAccess, 'takesWord'>
  readonly keeper: ManifestKeeper
  readonly leases: Leases
  readonly now: () => number
  readonly sources: Sources
}

/** Pulls of manifests by digest, which need nobody's word once they are kept. */
export class Manifests {
  readonly #settings: Settings
  readonly #fetching = new SingleFlight<KeptManifest>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws UpstreamError. What a digest names may be given again for ever, until it is taken away. */
  async pullLeased(source: Source, digest: Digest, method: Method): Promise<ManifestPull> {
    const pull = await this.pull(source, digest, method)
    return pull.cache === 'hit' ? { ...pull, lease: this.#settings.leases.grant(digest) } : pull
  }

  /** Throws UpstreamError. */
  async pull(source: Source, digest: Digest, method: Method): Promise<ManifestPull> {
    const { access, keeper, sources } = this.#settings
    const kept = await keeper.find(source, digest)
    if (kept) return this.serve(source, kept, { method, cache: 'hit' })
    const isWordEnough = await access.takesWord(source, digest)
    const elsewhere = isWordEnough ? await keeper.findElsewhere(digest) : undefined
    const isHeadEnough = elsewhere !== undefined || method === 'HEAD'
    // The digest alone opens no repository: upstream must say that it is in this one.
    const upstream = sources.upstreamOf(source)
    const head = isHeadEnough ? await upstream.headManifest(source.repository, digest) : undefined
    const manifest = elsewhere && head && readAs(elsewhere, head.mediaType)
    if (manifest) {
      const linked = await keeper.keep(source, { digest, bytes: elsewhere, manifest })
      return this.serve(source, linked, { method, cache: 'hit' })
    }
    if (head && method === 'HEAD') return { ...head, cache: 'pass' }
    return this.serveFetched(source, await this.#fetch(source, digest), method)
  }

  /** Fetches what is lost, for no client. Throws UpstreamError, or StoreFaultError where the disk doesn't take it. */
  async refetch(source: Source, digest: Digest): Promise<void> {
    this.#settings.keeper.forget(digest)
    const { isKept } = await this.#fetch(source, digest)
    if (!isKept) throw new StoreFaultError(new Error(`${digest} can't be kept`))
  }

  /** What has just come from upstream. */
  serveFetched(source: Source, fetched: KeptManifest, method: Method): ManifestPull {
    return this.serve(source, fetched, { method, cache: fetched.isKept ? 'miss' : 'pass' })
  }

  /** Only a GET is a pull; update checkers send HEAD all day. */
  serve(
    source: Source,
    { isKept: _, ...kept }: KeptManifest,
    { method, ...answer }: { method: Method; cache: CacheOutcome; warning?: string },
  ): ManifestPull {
    const { stores, now } = this.#settings
    if (method === 'GET') stores.accessTimes.touchImage(source, kept.digest, now())
    return { ...kept, sizeBytes: kept.bytes.length, ...answer }
  }

  #fetch(source: Source, digest: Digest): Promise<KeptManifest> {
    return this.#fetching.run(`${formatSource(source)}@${digest}`, async () => {
      const upstream = this.#settings.sources.upstreamOf(source)
      return this.#settings.keeper.keep(
        source,
        await upstream.fetchManifest(source.repository, digest),
      )
    })
  }
}

/** Undefined where the bytes aren't of the type that upstream says: then it must send its own. */
function readAs(bytes: Buffer, mediaType: string): Manifest | undefined {
  try {
    return parseManifest(bytes, mediaType)
  } catch (error) {
    if (error instanceof ManifestFormatError) return undefined
    throw error
  }
}
