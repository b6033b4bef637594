import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Digest } from '../oci/digest.ts'
import { isDigest } from '../oci/digest.ts'
import type { ErrorCode } from '../oci/error-code.ts'
import type { Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Stores } from '../store/open-stores.ts'
import { describeFault } from '../store/store-fault.ts'
import { tolerantStores } from '../store/tolerant-stores.ts'
import type { Surroundings, Upstream } from '../upstream/upstream.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { Upstreams } from '../upstream/upstreams.ts'
import type { AnyMirror, OfflineState, Served } from './any-mirror.ts'
import { BlobAccess } from './blob-access.ts'
import { BlobFetches } from './blob-fetches.ts'
import type { BlobPull } from './blob-pull.ts'
import { type BlobHead, Blobs } from './blobs.ts'
import { stretch } from './freshness.ts'
import { Leases } from './leases.ts'
import { type Listing, Listings } from './listings.ts'
import { ManifestKeeper } from './manifest-keeper.ts'
import { type ManifestPull, Manifests, type Method } from './manifests.ts'
import { OfflineSwitch } from './offline-switch.ts'
import { Prefetch } from './prefetch.ts'
import { asRegistryError } from './registry-answer.ts'
import { type RequestedName, resolveSource, resolveUpstream } from './resolve-source.ts'
import { Tags } from './tags.ts'

type Settings = {
  readonly stores: Stores
  readonly config: Config
  readonly clock: Clock
  /** Hears of failures that no client waits for. */
  readonly onError: (error: unknown, what: string) => void
  /** Hears which leases are taken back. */
  readonly onRevoked?: (key: string) => void
  /** Hears how upstreams do. */
  readonly outages: Pick<Surroundings, 'onOutage' | 'onOutageEnd'>
}

/**
 * The room of the pull-through decisions: which upstream a name means, whether what is kept may be
 * served, one fetch for many. It joins store and upstream, which never meet otherwise, and knows
 * nothing of HTTP towards clients. Its public methods throw RegistryError for whatever a client
 * is to be told.
 */
export class Mirror implements AnyMirror {
  readonly #stores: Stores
  readonly #upstreams: Upstreams
  readonly #fetches: BlobFetches
  readonly #stopping = new AbortController()
  readonly #blobs: Blobs
  readonly #manifests: Manifests
  readonly #tags: Tags
  readonly #listings: Listings
  readonly #leases: Leases
  readonly #now: () => number
  readonly #prefetch: Prefetch
  #config: Config
  #generation = 0
  readonly #offline: OfflineSwitch

  private constructor(settings: Settings, offline: OfflineSwitch) {
    const { config, clock, onError, outages } = settings
    const { now, elapsedMs } = clock
    const stores = tolerantStores(settings.stores)
    const { signal } = this.#stopping
    // As many listen as blobs are passed on at once, which is no leak.
    setMaxListeners(0, signal)
    this.#stores = stores
    this.#config = config
    this.#now = now
    this.#offline = offline
    const isOffline = () => offline.isOffline
    this.#upstreams = new Upstreams({ elapsedMs, isOffline, ...outages })
    this.#upstreams.configure(config.upstreams)
    this.#fetches = new BlobFetches({ stores, now, signal, onError })
    const { metadata } = stores
    const upstreamOf = (source: Source) => this.#upstreamOf(source)
    const tagTtlMs = (source: Source) => this.#tagTtlMs(source)
    const servesGone = (source: Source) => this.#upstreamConfig(source)?.onGone === 'serve'
    const access = new BlobAccess(metadata)
    const leases = new Leases(settings.onRevoked)
    this.#leases = leases
    const onKept = (digest: Digest) => {
      access.forget(digest)
      leases.revoke(digest)
    }
    const keeper = new ManifestKeeper({ stores, now, onKept })
    this.#manifests = new Manifests({ stores, keeper, leases, now, upstreamOf })
    const manifests = this.#manifests
    const parts = { metadata, keeper, manifests, leases }
    const leaseMs = (source: Source) => this.#upstreamConfig(source)?.tagTtlMs ?? 0
    this.#tags = new Tags({ ...parts, now, upstreamOf, tagTtlMs, leaseMs, servesGone })
    this.#listings = new Listings({ metadata, now, upstreamOf, tagTtlMs })
    const fetches = this.#fetches
    this.#blobs = new Blobs({ stores, access, leases, fetches, now, upstreamOf, signal, onError })
    const isWanted = (source: Source) => this.#upstreamConfig(source)?.prefetch ?? false
    const findUpstream = (source: Source) => this.#upstreams.find(source.upstream)
    const ofPrefetch = { stores, keeper, fetches, findUpstream, isWanted, signal, onError }
    this.#prefetch = new Prefetch(ofPrefetch)
  }

  static async open(settings: Settings): Promise<Mirror> {
    const { stores, config } = settings
    return new Mirror(settings, await OfflineSwitch.open(stores.metadata, config.offline))
  }

  get generation(): number {
    return this.#generation
  }

  /** Takes up a changed configuration; what is under way goes on. */
  configure(config: Config): void {
    this.#generation++
    this.#config = config
    this.#offline.configure(config.offline)
    this.#upstreams.configure(config.upstreams)
    this.#leases.revokeAll()
  }

  async describeOffline(): Promise<OfflineState> {
    const { isOffline, isConfigured } = this.#offline
    return { isOffline, isConfigured }
  }

  async switchOffline(isOn: boolean): Promise<void> {
    try {
      await this.#offline.set(isOn)
    } catch (cause) {
      const what = `it can't be written down, and stays as it was: ${describeFault(cause)}`
      throw new RegistryError('UNAVAILABLE', what, { cause })
    }
  }

  async describeUpstreams(): Promise<readonly UpstreamState[]> {
    return this.#upstreams.describe()
  }

  resolve(requested: RequestedName): Source {
    return resolveSource(requested, this.#config)
  }

  resolveUpstream(requested: Pick<RequestedName, 'view' | 'ns'>): UpstreamName | undefined {
    return resolveUpstream(requested, this.#config)
  }

  async pullManifest(source: Source, reference: Reference, method: Method): Promise<ManifestPull> {
    const what = isDigest(reference) ? `@${reference}` : `:${reference}`
    const pull = await answering({ unknown: 'MANIFEST_UNKNOWN', source, what }, () =>
      isDigest(reference)
        ? this.#pullByDigest(source, reference, method)
        : this.#tags.pull(source, reference, method),
    )
    if (method === 'GET') this.#prefetch.notePull(source, pull)
    return pull
  }

  async headBlob(source: Source, digest: Digest): Promise<BlobHead> {
    return answering({ unknown: 'BLOB_UNKNOWN', source, what: ` blob ${digest}` }, () =>
      this.#blobs.head(source, digest),
    )
  }

  async pullBlob(source: Source, digest: Digest): Promise<BlobPull> {
    const asked = { unknown: 'BLOB_UNKNOWN', source, what: ` blob ${digest}` } as const
    const pull = await answering(asked, () => this.#blobs.pull(source, digest))
    this.#prefetch.followPull(source, digest, pull.cache)
    return { ...pull, openRange: (...range) => answering(asked, () => pull.openRange(...range)) }
  }

  noteServed({ kind, source, digest }: Served): void {
    const { accessTimes } = this.#stores
    const at = this.#now()
    if (kind === 'image') {
      accessTimes.touchImage(source, digest, at)
      this.#prefetch.noteServed(source, digest)
    } else {
      accessTimes.touchBlob(digest, at)
      this.#prefetch.followPull(source, digest, 'hit')
    }
  }

  /** A kept blob couldn't be read by whoever had leave to: it is better fetched again. */
  noteUnreadable(digest: Digest, error: Error): void {
    this.#stores.health.note(error)
    this.#blobs.doubt(digest)
  }

  async listTags(source: Source): Promise<Listing<string>> {
    return answering({ unknown: 'NAME_UNKNOWN', source, what: ' tags' }, () =>
      this.#listings.listTags(source),
    )
  }

  async listReferrers(source: Source, subject: Digest): Promise<Listing<unknown>> {
    const asked = { source, what: ` referrers of ${subject}` }
    return answering({ unknown: 'MANIFEST_UNKNOWN', ...asked }, () =>
      this.#listings.listReferrers(source, subject),
    )
  }

  async listRepositories(): Promise<readonly Source[]> {
    return this.#stores.metadata.listRepositories()
  }

  /** Breaks off what is under way upstream. */
  async close(): Promise<void> {
    this.#stopping.abort()
    // Together: a fetch may be waiting to find out whether its upstream answers.
    await Promise.all([this.#fetches.close(), this.#upstreams.close()])
    const inBackground = [this.#tags, this.#listings, this.#prefetch]
    await Promise.all(inBackground.map((part) => part.settled()))
  }

  async #pullByDigest(source: Source, digest: Digest, method: Method): Promise<ManifestPull> {
    const pull = await this.#manifests.pullLeased(source, digest, method)
    if (method === 'GET') await this.#tags.noteKept(source, digest)
    return pull
  }

  #tagTtlMs(source: Source): number {
    const ttlMs = this.#upstreamConfig(source)?.tagTtlMs ?? 0
    return this.#upstreams.find(source.upstream)?.isBudgetLow ? stretch(ttlMs) : ttlMs
  }

  #upstreamConfig(source: Source) {
    return this.#config.upstreams.get(source.upstream) ?? this.#config.upstreams.get('*')
  }

  #upstreamOf(source: Source): Upstream {
    const upstream = this.#upstreams.find(source.upstream)
    if (upstream) return upstream
    throw new RegistryError('NAME_UNKNOWN', `${source.upstream} is no longer among the upstreams`)
  }
}

async function answering<T>(
  asked: { readonly unknown: ErrorCode; readonly source: Source; readonly what: string },
  pull: () => Promise<T>,
): Promise<T> {
  try {
    return await pull()
  } catch (error) {
    throw asRegistryError(error, asked.unknown, `${formatSource(asked.source)}${asked.what}`)
  }
}
