import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { Asking } from './asking.ts'
import type { BlobTransfer } from './blob-transfer.ts'
import { isLow } from './budget.ts'
import { describeUrl } from './describe-url.ts'
import { Dialer } from './dialer.ts'
import type { FetchedManifest, ManifestHead } from './manifest-answer.ts'
import { surveyUrl, type UrlSurvey } from './survey-url.ts'
import type { UrlTest } from './test-step.ts'
import { testUrl } from './test-url.ts'
import { Transport } from './transport.ts'
import { type FetchOptions, UpstreamBlobs } from './upstream-blobs.ts'
import type { UpstreamError } from './upstream-error.ts'
import { UpstreamLists } from './upstream-lists.ts'
import { UpstreamManifests } from './upstream-manifests.ts'
import {
  accountOf,
  credentialsOf,
  ownHostsOf,
  type Shared,
  type Surroundings,
  type UpstreamSettings,
} from './upstream-settings.ts'
import type { UpstreamState } from './upstream-state.ts'
import { type Holds, UpstreamUrls } from './upstream-urls.ts'

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
  readonly #lists: UpstreamLists
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
    const { missTtlMs } = settings
    const { elapsedMs, isOffline, room } = surroundings
    this.#dialer = new Dialer({ ...settings, ownHosts: ownHostsOf(settings) })
    const urls = this.#makeUrls(holds)
    this.#urls = urls
    this.#asking = new Asking({ upstream: name, urls, missTtlMs, elapsedMs, isOffline })
    this.#manifests = new UpstreamManifests(name, this.#asking, surroundings)
    this.#lists = new UpstreamLists(name, this.#asking)
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

  /** See UpstreamLists. */
  fetchTags(repository: Repository): Promise<readonly string[]> {
    return this.#lists.fetchTags(repository)
  }

  /** See UpstreamLists. */
  fetchReferrers(repository: Repository, digest: Digest): Promise<readonly unknown[]> {
    return this.#lists.fetchReferrers(repository, digest)
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

  /** Goes through what a request goes through, step by step and anew, for a person who watches. Costs no pull. */
  test(signal: AbortSignal): Promise<readonly UrlTest[]> {
    const { name } = this
    const { elapsedMs } = this.#surroundings
    const credentials = credentialsOf(this.#settings)
    const transport = new Transport(name, this.#dialer)
    const common = { upstream: name, credentials, transport, elapsedMs, signal }
    const urls = this.#settings.urls.map((url) => new URL(url))
    return Promise.all(urls.map((baseUrl) => testUrl({ ...common, baseUrl, dialer: this.#dialer })))
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

  #makeUrls(holds: Holds): UpstreamUrls {
    const { name } = this
    const { elapsedMs, isOffline, meter, onOutage, onOutageEnd, onBudget } = this.#surroundings
    return new UpstreamUrls({
      ...this.#settings,
      upstream: name,
      baseUrls: this.#settings.urls.map((url) => new URL(url)),
      credentials: credentialsOf(this.#settings),
      transport: new Transport(name, this.#dialer),
      elapsedMs,
      isOffline,
      holds,
      meter,
      events: {
        onOpen: (_, { error }) => {
          if (error.isTimeout) this.#dialer.renew()
        },
        onOutage: (url, outage) => onOutage(name, url, outage),
        onEnd: (url, outage) => onOutageEnd(name, url, outage),
        onBudget: (budget) => onBudget(name, accountOf(budget, this.#settings), budget),
      },
    })
  }
}
