import type { Digest } from '../oci/digest.ts'
import { ociIndex } from '../oci/media-type.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { Asking } from './asking.ts'
import type { BlobTransfer } from './blob-transfer.ts'
import { isLow } from './budget.ts'
import type { BufferRoom } from './buffer-room.ts'
import { Dialer } from './dialer.ts'
import { fetchList } from './fetch-list.ts'
import type { FetchedManifest, ManifestHead } from './manifest-answer.ts'
import type { Outage } from './outage.ts'
import { surveyUrl, type UrlSurvey } from './survey-url.ts'
import { Transport } from './transport.ts'
import { type FetchOptions, UpstreamBlobs } from './upstream-blobs.ts'
import type { UpstreamError } from './upstream-error.ts'
import { UpstreamManifests } from './upstream-manifests.ts'
import { describeUrl, type UpstreamState } from './upstream-state.ts'
import { type Holds, UpstreamUrls } from './upstream-urls.ts'

export type UpstreamSettings = {
  readonly urls: readonly string[]
  readonly username: string | undefined
  readonly password: string | undefined
  /** How long "not found" is remembered. */
  readonly missTtlMs: number
  /** Blobs at once; as many connections to one host for them, and as many for everything else. */
  readonly maxConnections: number
  /** Of all blobs together; manifests aren't counted and never wait. */
  readonly bandwidthBytesPerSecond: number | undefined
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly caPem: string | undefined
  readonly allowHosts: readonly string[]
  /** Whether a person named these URLs; only then may they be private addresses. */
  readonly isConfigured: boolean
}

/** What an upstream needs of the world around it. */
export type Surroundings = {
  readonly elapsedMs: () => number
  /** Whether no upstream may be asked. */
  readonly isOffline: () => boolean
  /** Hears when a URL has stopped answering or wants to be left alone, and when that is over. */
  readonly onOutage: OutageListener
  readonly onOutageEnd: OutageListener
}

/** What the upstreams of a process have in common besides. */
export type Shared = {
  /** Memory for what is fetched ahead. */
  readonly room: BufferRoom
}

type OutageListener = (upstream: UpstreamName, url: URL, outage: Outage) => void

/**
 * The room that talks to a registry we pull from: challenge, token, redirect, range, retry, and not
 * asking when that is no use. It remembers tokens, "not found" and how its URLs do, nothing on disk;
 * it decides nothing about freshness and knows no store. All methods throw UpstreamError and nothing else.
 */
export class Upstream {
  readonly name: UpstreamName
  readonly #settings: UpstreamSettings
  readonly #surroundings: Surroundings
  readonly #dialer: Dialer
  readonly #urls: UpstreamUrls
  readonly #asking: Asking
  readonly #manifests: UpstreamManifests
  readonly #blobs: UpstreamBlobs

  /** `holds` are limits that another of that name has met, with the same login. */
  constructor(
    name: UpstreamName,
    settings: UpstreamSettings,
    surroundings: Surroundings & Shared,
    holds: Holds = new Map(),
  ) {
    this.name = name
    this.#settings = settings
    this.#surroundings = surroundings
    const { username, password } = settings
    const { elapsedMs, isOffline, onOutage, onOutageEnd, room } = surroundings
    const credentials =
      username !== undefined && password !== undefined ? { username, password } : undefined
    const baseUrls = settings.urls.map((url) => new URL(url))
    const ownHosts = new Set(settings.isConfigured ? baseUrls.map((url) => url.hostname) : [])
    this.#dialer = new Dialer({ ...settings, ownHosts })
    const transport = new Transport(name, this.#dialer)
    this.#urls = new UpstreamUrls({
      ...settings,
      upstream: name,
      baseUrls,
      credentials,
      transport,
      elapsedMs,
      isOffline,
      holds,
      events: {
        onOpen: (_, { error }) => {
          if (error.isTimeout) this.#dialer.renew()
        },
        onOutage: (url, outage) => onOutage(name, url, outage),
        onEnd: (url, outage) => onOutageEnd(name, url, outage),
      },
    })
    const { missTtlMs } = settings
    const urls = this.#urls
    this.#asking = new Asking({ upstream: name, urls, missTtlMs, elapsedMs, isOffline })
    this.#manifests = new UpstreamManifests(name, this.#asking)
    this.#blobs = new UpstreamBlobs(name, settings, { asking: this.#asking, elapsedMs, room })
  }

  /**
   * Why it can't be asked at the moment; undefined while it can. Whoever has something kept serves
   * that at once then; who asks all the same waits for a trial.
   */
  get outage(): UpstreamError | undefined {
    return this.#asking.refusal ?? this.#urls.outage?.error
  }

  /** Whether so little is left of its limit that only what is needed should be asked. */
  get isBudgetLow(): boolean {
    const now = this.#surroundings.elapsedMs()
    return this.#urls.all.some(({ endpoint }) => isLow(endpoint.budget, now))
  }

  /** Limits that are to be obeyed whatever else is configured. */
  get holds(): Holds {
    return this.#urls.holds
  }

  /** Whether another blob would have to wait for its turn. */
  get isBusy(): boolean {
    return this.#blobs.isBusy
  }

  /** See UpstreamBlobs. */
  takeSpareSlot(signal: AbortSignal): Promise<(() => void) | undefined> {
    return this.#blobs.takeSpareSlot(signal)
  }

  /** How long a client that could be served something kept waits for a word. */
  get patienceMs(): number {
    return this.#settings.connectTimeoutMs
  }

  /** See UpstreamManifests. */
  headManifest(repository: Repository, reference: Reference): Promise<ManifestHead | undefined> {
    return this.#manifests.head(repository, reference)
  }

  /** See UpstreamManifests. */
  fetchManifest(repository: Repository, reference: Reference): Promise<FetchedManifest> {
    return this.#manifests.fetch(repository, reference)
  }

  /** See UpstreamBlobs. */
  headBlob(repository: Repository, digest: Digest): Promise<number | undefined> {
    return this.#blobs.head(repository, digest)
  }

  /** See UpstreamBlobs. */
  fetchBlob(repository: Repository, digest: Digest, options: FetchOptions): Promise<BlobTransfer> {
    return this.#blobs.fetch(repository, digest, options)
  }

  /** All tags, in upstream's order. */
  async fetchTags(repository: Repository): Promise<readonly string[]> {
    const path = `/v2/${repository}/tags/list?n=1000`
    const list = { repository, path, accept: 'application/json', field: 'tags' }
    const entries = await this.#asking.ask({ key: `tags ${repository}` }, (endpoint) =>
      fetchList(this.name, endpoint, list),
    )
    return entries.filter((entry) => typeof entry === 'string')
  }

  /** Descriptors of what refers to `digest`, as upstream gave them (distribution-spec §Listing Referrers). */
  async fetchReferrers(repository: Repository, digest: Digest): Promise<readonly unknown[]> {
    const path = `/v2/${repository}/referrers/${digest}`
    const list = { repository, path, accept: ociIndex, field: 'manifests' }
    const question = { key: `referrers ${repository} ${digest}`, isAboutReferrers: true }
    return this.#asking.ask(question, (endpoint) => fetchList(this.name, endpoint, list))
  }

  /** What is known of it, for people. */
  describe(): UpstreamState {
    const { elapsedMs, isOffline } = this.#surroundings
    const urls = this.#urls.all.map((url) => describeUrl(url, elapsedMs()))
    return { name: this.name, offline: isOffline(), blobs: this.#blobs.describe(), urls }
  }

  /** Asks each URL whether it answers, takes our login, and what is left of its limit. Costs no pull. */
  survey(): Promise<readonly UrlSurvey[]> {
    const { elapsedMs } = this.#surroundings
    const { idleTimeoutMs } = this.#settings
    return Promise.all(
      this.#urls.all.map(({ endpoint }) =>
        surveyUrl(this.name, endpoint, { elapsedMs, deadlineMs: idleTimeoutMs }),
      ),
    )
  }

  /** No longer tries in the background; what is under way goes on. */
  retire(): void {
    this.#urls.close()
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#urls.close()
    await this.#dialer.close()
  }
}
