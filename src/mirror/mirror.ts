import { setMaxListeners } from 'node:events'
import type { Config } from '../config/config.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import { type Page, type Part, readPart } from '../oci/page.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { RepositoriesPage } from '../store/metadata-store.ts'
import type { UrlTest } from '../upstream/test-step.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { type Asked, answering } from './answering.ts'
import type { AnyMirror, FetchState, OfflineState, Served } from './any-mirror.ts'
import type { BlobPull } from './blob-pull.ts'
import type { BlobHead } from './blobs.ts'
import type { Listing, ReferrersPage } from './listings.ts'
import type { ManifestPull, Method } from './manifests.ts'
import { type MirrorParts, type MirrorSettings, openParts } from './mirror-parts.ts'
import type { RequestedName } from './resolve-source.ts'
import type { WantedWarming, Warmed } from './warming.ts'

export type UpstreamTest = {
  readonly name: UpstreamName
  readonly urls: readonly UrlTest[]
}

export type ForgottenImage = {
  readonly source: Source
  readonly digest: Digest
  readonly tags: readonly Tag[]
}

/** At once; their list is linked further. */
const mostRepositories = 10_000

/**
 * The room of the pull-through decisions: which upstream a name means, whether what is kept may be
 * served, one fetch for many. It joins store and upstream, which never meet otherwise, and knows
 * nothing of HTTP towards clients. Its public methods throw RegistryError for whatever a client
 * is to be told.
 */
export class Mirror implements AnyMirror {
  readonly #parts: MirrorParts
  readonly #stopping: AbortController
  readonly #now: () => number

  private constructor(parts: MirrorParts, stopping: AbortController, now: () => number) {
    this.#parts = parts
    this.#stopping = stopping
    this.#now = now
  }

  static async open(settings: MirrorSettings): Promise<Mirror> {
    const stopping = new AbortController()
    // As many listen as blobs are passed on at once, which is no leak.
    setMaxListeners(0, stopping.signal)
    const parts = await openParts(settings, stopping.signal)
    return new Mirror(parts, stopping, settings.clock.now)
  }

  get generation(): number {
    return this.#parts.sources.generation
  }

  /** Takes up a changed configuration; what is under way goes on. */
  configure(config: Config): void {
    const { offline, sources, access, leases } = this.#parts
    offline.configure(config.offline)
    sources.configure(config)
    access.forgetAll()
    leases.revokeAll()
  }

  /** Whether no upstream may be asked, by mirrors.yaml or by hand. */
  get isOffline(): boolean {
    return this.#parts.offline.isOffline
  }

  async describeOffline(): Promise<OfflineState> {
    const { isOffline, isConfigured } = this.#parts.offline
    return { isOffline, isConfigured }
  }

  async switchOffline(isOn: boolean): Promise<void> {
    await this.#parts.offline.set(isOn)
  }

  async describeUpstreams(): Promise<readonly UpstreamState[]> {
    return this.#parts.sources.describeUpstreams()
  }

  /** How long a tag of it is fresh, as things are configured. */
  tagTtlMs(upstream: UpstreamName): number {
    return this.#parts.sources.leaseMs({ upstream })
  }

  /** Goes through what a request to it goes through, step by step. Throws RegistryError. */
  async testUpstream(host: string, signal: AbortSignal): Promise<UpstreamTest> {
    const { sources, offline } = this.#parts
    const name = sources.resolveUpstream({ ns: host })
    const upstream = name && sources.findUpstream({ upstream: name })
    if (!upstream) throw new RegistryError('NAME_UNKNOWN', 'wanted the name of an upstream')
    if (offline.isOffline) {
      const what = 'this mirror is offline, and asks no upstream: switch that off first'
      throw new RegistryError('UNAVAILABLE', what)
    }
    return { name: upstream.name, urls: await upstream.test(signal) }
  }

  describeFetches(): FetchState {
    return this.#parts.fetches.describe()
  }

  resolve(requested: RequestedName): Source {
    return this.#parts.sources.resolve(requested)
  }

  resolveUpstream(requested: Pick<RequestedName, 'view' | 'ns'>): UpstreamName | undefined {
    return this.#parts.sources.resolveUpstream(requested)
  }

  async pullManifest(source: Source, reference: Reference, method: Method): Promise<ManifestPull> {
    this.#parts.sources.checkAllowed(source)
    const what = isDigest(reference) ? `@${reference}` : `:${reference}`
    const pull = await answering({ unknown: 'MANIFEST_UNKNOWN', source, what }, () =>
      isDigest(reference)
        ? this.#pullByDigest(source, reference, method)
        : this.#parts.tags.pull(source, reference, method),
    )
    if (method === 'GET') this.#parts.prefetch.notePull(source, pull)
    return pull
  }

  async headBlob(source: Source, digest: Digest): Promise<BlobHead> {
    this.#parts.sources.checkAllowed(source)
    return answering({ unknown: 'BLOB_UNKNOWN', source, what: ` blob ${digest}` }, () =>
      this.#parts.blobs.head(source, digest),
    )
  }

  async pullBlob(source: Source, digest: Digest): Promise<BlobPull> {
    this.#parts.sources.checkAllowed(source)
    const asked: Asked = { unknown: 'BLOB_UNKNOWN', source, what: ` blob ${digest}` }
    const pull = await answering(asked, () => this.#parts.blobs.pull(source, digest))
    this.#parts.prefetch.followPull(source, digest, pull.cache)
    return { ...pull, openRange: (...range) => answering(asked, () => pull.openRange(...range)) }
  }

  noteServed({ kind, source, digest }: Served): void {
    const { accessTimes } = this.#parts.stores
    const at = this.#now()
    if (kind === 'image') {
      accessTimes.touchImage(source, digest, at)
      this.#parts.prefetch.noteServed(source, digest)
    } else {
      accessTimes.touchBlob(digest, at)
      this.#parts.prefetch.followPull(source, digest, 'hit')
    }
  }

  /** A kept blob couldn't be read by whoever had leave to: it is better fetched again. */
  noteUnreadable(digest: Digest, error: Error): void {
    this.#parts.stores.health.note(error)
    this.#parts.blobs.doubt(digest)
  }

  async listTags(source: Source, page: Page): Promise<Listing<string>> {
    this.#parts.sources.checkAllowed(source)
    return answering({ unknown: 'NAME_UNKNOWN', source, what: ' tags' }, () =>
      this.#parts.listings.listTags(source, page),
    )
  }

  async listReferrers(
    source: Source,
    subject: Digest,
    page: ReferrersPage,
  ): Promise<Listing<unknown>> {
    this.#parts.sources.checkAllowed(source)
    const asked = { source, what: ` referrers of ${subject}` }
    return answering({ unknown: 'MANIFEST_UNKNOWN', ...asked }, () =>
      this.#parts.listings.listReferrers(source, subject, page),
    )
  }

  async listRepositories(page: RepositoriesPage): Promise<Part<Source>> {
    const { metadata } = this.#parts.stores
    return readPart(page, mostRepositories, (wanted) => metadata.listRepositories(wanted))
  }

  async warm(source: Source, { reference, platform, isDryRun }: WantedWarming): Promise<Warmed> {
    const { sources, stores, warming } = this.#parts
    sources.checkAllowed(source)
    const known = isDigest(reference)
      ? reference
      : (await stores.metadata.findTag(source, reference))?.digest
    if (isDryRun) return warming.plan(source, known, platform)
    if (known === undefined) warming.requirePossible(source)
    const { digest } = await this.pullManifest(source, reference, 'GET')
    return warming.begin(source, digest, platform)
  }

  /** An image that isn't kept any more, by these tags or by any other name. */
  forgetImage({ source, digest, tags }: ForgottenImage): void {
    const { keeper, leases } = this.#parts
    keeper.forgetImage(source, digest)
    leases.revoke(digest)
    for (const tag of tags) this.#parts.tags.forget(source, tag)
  }

  /** Content that isn't kept any more. */
  forgetBlob(digest: Digest): void {
    this.#parts.access.forget(digest)
    this.#parts.keeper.forget(digest)
    this.#parts.leases.revoke(digest)
  }

  /**
   * Fetches what was kept and is lost, for no client. Undefined once it is kept; what a client would be
   * told where it isn't to be had there any more. Throws RegistryError where that can't be said now.
   */
  async refetch(
    source: Source,
    digest: Digest,
    kind: 'manifest' | 'blob',
  ): Promise<string | undefined> {
    const { sources, manifests, blobs } = this.#parts
    const unknown = kind === 'manifest' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN'
    const parts = kind === 'manifest' ? manifests : blobs
    try {
      sources.checkAllowed(source)
      const asked = { unknown, source, what: ` ${digest}` } as const
      await answering(asked, () => parts.refetch(source, digest))
      return undefined
    } catch (error) {
      if (isNo(error)) return error.message
      throw error
    }
  }

  /** See Sources.isPrivate. */
  isPrivate(upstream: UpstreamName): boolean {
    return this.#parts.sources.isPrivate(upstream)
  }

  /** Breaks off what is under way upstream. */
  async close(): Promise<void> {
    const { fetches, sources, tags, listings, prefetch, warming } = this.#parts
    this.#stopping.abort()
    // Together: a fetch may be waiting to find out whether its upstream answers.
    await Promise.all([fetches.close(), sources.close()])
    await Promise.all([tags, listings, prefetch, warming].map((part) => part.settled()))
  }

  async #pullByDigest(source: Source, digest: Digest, method: Method): Promise<ManifestPull> {
    const pull = await this.#parts.manifests.pullLeased(source, digest, method)
    if (method === 'GET') await this.#parts.tags.noteKept(source, digest)
    return pull
  }
}

/** Whether upstream, or mirrors.yaml, says no; what is offline says nothing. */
function isNo(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false
  const isOffline = error.cause instanceof UpstreamError && error.cause.kind === 'offline'
  return error.status < 429 && !isOffline
}
