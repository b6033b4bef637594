import type { Digest } from '../oci/digest.ts'
import { manifestAccept, ociIndex } from '../oci/media-type.ts'
import { isFallbackTag, type Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobTransfer } from './blob-transfer.ts'
import type { Outage } from './breaker.ts'
import { isLow } from './budget.ts'
import { Dialer } from './dialer.ts'
import { fetchList } from './fetch-list.ts'
import {
  type FetchedManifest,
  type ManifestHead,
  readManifestAnswer,
  readManifestHead,
} from './manifest-answer.ts'
import { Misses } from './misses.ts'
import type { RegistryEndpoint } from './registry-endpoint.ts'
import { discardBody } from './response-body.ts'
import { surveyUrl, type UrlSurvey } from './survey-url.ts'
import { Transport } from './transport.ts'
import { type FetchOptions, UpstreamBlobs } from './upstream-blobs.ts'
import { UpstreamError } from './upstream-error.ts'
import { describeUrl, type UpstreamState } from './upstream-state.ts'
import { type AskOptions, UpstreamUrls } from './upstream-urls.ts'

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
  /** Hears when a URL stops answering, and when it answers again. */
  readonly onOutage: (upstream: UpstreamName, url: URL, outage: Outage | undefined) => void
}

const answerDeadlineMs = 60_000
/** A signature pushed a moment ago must not stay hidden: what might be one is missed no longer than this. */
const longestReferrerMissMs = 5_000

/**
 * The room that talks to a registry we pull from: challenge, token, redirect, range, retry, and not
 * asking when that is no use. It keeps nothing but tokens and "not found", decides nothing about
 * freshness, and knows no store. All methods throw UpstreamError and nothing else.
 */
export class Upstream {
  readonly name: UpstreamName
  readonly #settings: UpstreamSettings
  readonly #surroundings: Surroundings
  readonly #dialer: Dialer
  readonly #urls: UpstreamUrls
  readonly #misses: Misses
  readonly #blobs: UpstreamBlobs

  constructor(name: UpstreamName, settings: UpstreamSettings, surroundings: Surroundings) {
    this.name = name
    this.#settings = settings
    this.#surroundings = surroundings
    const { username, password } = settings
    const { elapsedMs, isOffline, onOutage } = surroundings
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
      onChange: (url, outage) => {
        if (outage?.error.isTimeout) this.#dialer.renew()
        onOutage(name, url, outage)
      },
    })
    this.#misses = new Misses(elapsedMs)
    this.#blobs = new UpstreamBlobs(name, settings, {
      misses: this.#misses,
      elapsedMs,
      ask: (ask, options) => this.#ask(ask, options),
    })
  }

  /**
   * Why it can't be asked at the moment; undefined while it can. Whoever has something kept serves
   * that at once then; who asks all the same waits for a trial.
   */
  get outage(): UpstreamError | undefined {
    return this.#surroundings.isOffline() ? this.#offline() : this.#urls.outage?.error
  }

  /** Whether so little is left of its limit that only what is needed should be asked. */
  get isBudgetLow(): boolean {
    const now = this.#surroundings.elapsedMs()
    return this.#urls.all.some(({ endpoint }) => isLow(endpoint.budget, now))
  }

  /** Whether another blob would have to wait for its turn. */
  get isBusy(): boolean {
    return this.#blobs.isBusy
  }

  /** How long a client that could be served something kept waits for a word. */
  get patienceMs(): number {
    return this.#settings.connectTimeoutMs
  }

  /** Undefined where upstream's answer to HEAD doesn't say enough and a GET must. */
  async headManifest(
    repository: Repository,
    reference: Reference,
  ): Promise<ManifestHead | undefined> {
    const ask = async (endpoint: RegistryEndpoint) => {
      const response = await endpoint
        .request({
          method: 'HEAD',
          path: `/v2/${repository}/manifests/${reference}`,
          repository,
          headers: { accept: manifestAccept },
          signal: AbortSignal.timeout(answerDeadlineMs),
        })
        .catch(undefinedIfNotAllowed)
      if (!response) return undefined
      await discardBody(response.body)
      return readManifestHead(reference, response)
    }
    return this.#remember(`manifest ${repository} ${reference}`, this.#missTtlMs(reference), () =>
      this.#ask(ask),
    )
  }

  /** The manifest's bytes as they are, of at most 4 MiB, their digest checked and their form read. */
  async fetchManifest(repository: Repository, reference: Reference): Promise<FetchedManifest> {
    const ask = async (endpoint: RegistryEndpoint) => {
      const response = await endpoint.request({
        method: 'GET',
        path: `/v2/${repository}/manifests/${reference}`,
        repository,
        headers: { accept: manifestAccept },
        signal: AbortSignal.timeout(answerDeadlineMs),
      })
      return readManifestAnswer(this.name, reference, response)
    }
    return this.#remember(`manifest ${repository} ${reference}`, this.#missTtlMs(reference), () =>
      this.#ask(ask),
    )
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
    const ask = (endpoint: RegistryEndpoint) =>
      fetchList(this.name, endpoint, {
        repository,
        path: `/v2/${repository}/tags/list?n=1000`,
        accept: 'application/json',
        field: 'tags',
      })
    const entries = await this.#remember(`tags ${repository}`, this.#settings.missTtlMs, () =>
      this.#ask(ask),
    )
    return entries.filter((entry) => typeof entry === 'string')
  }

  /** Descriptors of what refers to `digest`, as upstream gave them (distribution-spec §Listing Referrers). */
  async fetchReferrers(repository: Repository, digest: Digest): Promise<readonly unknown[]> {
    const ask = (endpoint: RegistryEndpoint) =>
      fetchList(this.name, endpoint, {
        repository,
        path: `/v2/${repository}/referrers/${digest}`,
        accept: ociIndex,
        field: 'manifests',
      })
    const ttlMs = Math.min(this.#settings.missTtlMs, longestReferrerMissMs)
    return this.#remember(`referrers ${repository} ${digest}`, ttlMs, () => this.#ask(ask))
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

  async #ask<T>(
    ask: (endpoint: RegistryEndpoint) => Promise<T>,
    options: AskOptions = {},
  ): Promise<T> {
    if (this.#surroundings.isOffline()) throw this.#offline()
    return this.#urls.ask(ask, options)
  }

  #remember<T>(key: string, ttlMs: number, ask: () => Promise<T>): Promise<T> {
    return this.#misses.run(key, ttlMs, ask)
  }

  #missTtlMs(reference: Reference): number {
    const { missTtlMs } = this.#settings
    return isFallbackTag(reference) ? Math.min(missTtlMs, longestReferrerMissMs) : missTtlMs
  }

  #offline(): UpstreamError {
    return new UpstreamError(this.name, 'offline', "isn't asked: this mirror is offline")
  }
}

/** 405 on HEAD: some registries know only GET. */
function undefinedIfNotAllowed(error: unknown): undefined {
  if (error instanceof UpstreamError && error.status === 405) return undefined
  throw error
}
