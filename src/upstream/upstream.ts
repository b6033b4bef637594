import type { ByteRange } from '../oci/byte-range.ts'
import type { Digest } from '../oci/digest.ts'
import { manifestAccept, ociIndex } from '../oci/media-type.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { type BlobAnswer, readBlobAnswer } from './blob-answer.ts'
import { Dialer } from './dialer.ts'
import { fetchList } from './fetch-list.ts'
import {
  type FetchedManifest,
  type ManifestHead,
  readManifestAnswer,
  readManifestHead,
} from './manifest-answer.ts'
import { RegistryEndpoint, StorageRefusedError } from './registry-endpoint.ts'
import { discardBody } from './response-body.ts'
import { readContentLength, Transport } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'

export type UpstreamSettings = {
  readonly urls: readonly string[]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly caPem: string | undefined
  readonly allowHosts: readonly string[]
  /** Whether a person named these URLs; only then may they be private addresses. */
  readonly isConfigured: boolean
}

const answerDeadlineMs = 60_000

/**
 * The room that talks to a registry we pull from: challenge, token, redirect, range. It keeps
 * nothing but tokens, decides nothing about freshness, and knows no store. All methods throw
 * UpstreamError and nothing else; a list of URLs means the next one when one can't say.
 */
export class Upstream {
  readonly name: UpstreamName
  readonly #dialer: Dialer
  readonly #endpoints: readonly RegistryEndpoint[]

  constructor(name: UpstreamName, settings: UpstreamSettings, now: () => number) {
    this.name = name
    const { username, password } = settings
    const credentials =
      username !== undefined && password !== undefined ? { username, password } : undefined
    const baseUrls = settings.urls.map((url) => new URL(url))
    const ownHosts = new Set(settings.isConfigured ? baseUrls.map((url) => url.hostname) : [])
    this.#dialer = new Dialer({ ...settings, ownHosts })
    const transport = new Transport(name, this.#dialer)
    this.#endpoints = baseUrls.map(
      (baseUrl) => new RegistryEndpoint({ upstream: name, baseUrl, credentials, transport, now }),
    )
  }

  /** Undefined where upstream's answer to HEAD doesn't say enough and a GET must. */
  async headManifest(
    repository: Repository,
    reference: Reference,
  ): Promise<ManifestHead | undefined> {
    return this.#tryEach(async (endpoint) => {
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
    })
  }

  /** The manifest's bytes as they are, of at most 4 MiB, their digest checked and their form read. */
  async fetchManifest(repository: Repository, reference: Reference): Promise<FetchedManifest> {
    return this.#tryEach(async (endpoint) => {
      const response = await endpoint.request({
        method: 'GET',
        path: `/v2/${repository}/manifests/${reference}`,
        repository,
        headers: { accept: manifestAccept },
        signal: AbortSignal.timeout(answerDeadlineMs),
      })
      return readManifestAnswer(this.name, reference, response)
    })
  }

  /**
   * The blob's size in bytes, undefined where upstream has it but doesn't say: its storage host may
   * refuse HEAD, but the registry's redirect there was a yes.
   */
  async headBlob(repository: Repository, digest: Digest): Promise<number | undefined> {
    return this.#tryEach(async (endpoint) => {
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
    })
  }

  /**
   * Begins to fetch a blob, or a part of it where upstream can; resolves when upstream has answered.
   * Aborting `signal` ends it. Nothing about the bytes is checked here.
   */
  async fetchBlob(
    repository: Repository,
    digest: Digest,
    options: { readonly range?: ByteRange; readonly signal: AbortSignal },
  ): Promise<BlobAnswer> {
    const { range, signal } = options
    return this.#tryEach(async (endpoint) => {
      const response = await endpoint.request({
        method: 'GET',
        path: `/v2/${repository}/blobs/${digest}`,
        repository,
        ...(range && { headers: { range: `bytes=${range.start}-${range.end}` } }),
        purpose: 'blob',
        signal,
      })
      return readBlobAnswer(this.name, range, response)
    })
  }

  /** All tags, in upstream's order. */
  async fetchTags(repository: Repository): Promise<readonly string[]> {
    const entries = await this.#tryEach((endpoint) =>
      fetchList(this.name, endpoint, {
        repository,
        path: `/v2/${repository}/tags/list?n=1000`,
        accept: 'application/json',
        field: 'tags',
      }),
    )
    return entries.filter((entry) => typeof entry === 'string')
  }

  /** Descriptors of what refers to `digest`, as upstream gave them (distribution-spec §Listing Referrers). */
  async fetchReferrers(repository: Repository, digest: Digest): Promise<readonly unknown[]> {
    return this.#tryEach((endpoint) =>
      fetchList(this.name, endpoint, {
        repository,
        path: `/v2/${repository}/referrers/${digest}`,
        accept: ociIndex,
        field: 'manifests',
      }),
    )
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#dialer.close()
  }

  async #tryEach<T>(ask: (endpoint: RegistryEndpoint) => Promise<T>): Promise<T> {
    let failure: unknown = new UpstreamError(this.name, 'unavailable', 'has no URL')
    for (const endpoint of this.#endpoints) {
      try {
        return await ask(endpoint)
      } catch (error) {
        if (!(error instanceof UpstreamError) || !error.isTemporary) throw error
        failure = error
      }
    }
    throw failure
  }
}

/** 405 on HEAD: some registries know only GET. */
function undefinedIfNotAllowed(error: unknown): undefined {
  if (error instanceof UpstreamError && error.status === 405) return undefined
  throw error
}

function undefinedIfStorageRefuses(error: unknown): undefined {
  if (!(error instanceof StorageRefusedError)) throw error
}
