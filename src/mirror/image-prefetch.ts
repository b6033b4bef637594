import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Stores } from '../store/open-stores.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobFetch } from './blob-fetch.ts'
import type { BlobFetches } from './blob-fetches.ts'
import type { RecentImage } from './recent-images.ts'

/** As many as docker and containerd ask for at once. */
const maxAtOnce = 3

type Settings = {
  readonly stores: Stores
  readonly access: BlobAccess
  readonly fetches: BlobFetches
  readonly image: RecentImage
  /** In the order in which they are to be fetched. */
  readonly layers: readonly Digest[]
  /** The upstream to be asked now; undefined where nothing may be fetched ahead any more. */
  readonly findUpstream: () => Upstream | undefined
  /** Hears of a layer that couldn't be had. */
  readonly onFailed: (digest: Digest) => void
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown, what: string) => void
}

/**
 * Fetches layers of one image that nobody has asked for yet, in order and a few at once. Each waits
 * for a spare slot before it becomes a fetch: what a client asks for meanwhile is the client's own.
 * What is kept already by way of another repository is asked about, or fetched where a word isn't
 * enough, since upstream may not answer when a client wants it. It ends early where a failure is likely to meet the other layers too.
 */
export class ImagePrefetch {
  readonly #settings: Settings
  readonly #running = new Set<Promise<void>>()
  #isOver = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Resolves when nothing of it is under way any more; never rejects. */
  async run(): Promise<void> {
    const { layers } = this.#settings
    const fetching = this.#unlessFailed(async () => {
      for (const digest of layers) {
        if (this.#running.size >= maxAtOnce) await Promise.race(this.#running)
        if (!this.#isOver) await this.#fetchIfMissing(digest)
      }
    })
    const proving = this.#unlessFailed(async () => {
      for (const digest of layers) if (!this.#isOver) await this.#proveIfKept(digest)
    })
    await Promise.all([fetching, proving])
    await Promise.all(this.#running)
  }

  async #unlessFailed(act: () => Promise<void>): Promise<void> {
    const { image, onError } = this.#settings
    try {
      await act()
    } catch (error) {
      if (!isExpected(error)) onError(error, `fetching ahead of ${image.digest} failed`)
    }
  }

  /** Resolves when it has begun. */
  async #fetchIfMissing(digest: Digest): Promise<void> {
    if (!(await this.#isMissing(digest))) return
    const { findUpstream, signal } = this.#settings
    const upstream = findUpstream()
    const leave = await upstream?.takeSpareSlot(signal)
    this.#isOver ||= !leave
    if (!upstream || !leave) return
    const fetch = await this.#start(digest, upstream).catch((error) => {
      leave()
      throw error
    })
    if (fetch) this.#own(this.#finish(digest, fetch).finally(leave))
    else leave()
  }

  #own(fetching: Promise<void>): void {
    const running = fetching.finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #finish(digest: Digest, fetch: BlobFetch): Promise<void> {
    await fetch.finished
    if (fetch.failure === undefined) return
    this.#settings.onFailed(digest)
    this.#isOver ||= !isOfOneLayer(fetch.failure)
  }

  async #start(digest: Digest, upstream: Upstream): Promise<BlobFetch | undefined> {
    const { fetches, image, findUpstream } = this.#settings
    for (;;) {
      const { settledCount } = fetches
      if (!(await this.#isMissing(digest)) || fetches.find(digest)) return undefined
      // A slot of an upstream that was configured anew meanwhile is none of the new one's.
      this.#isOver ||= findUpstream() !== upstream
      if (this.#isOver) return undefined
      // A fetch that ended while we looked has put the blob where we didn't see it: look again.
      if (settledCount !== fetches.settledCount) continue
      return fetches.start(image.source, digest, upstream, { isAhead: true })
    }
  }

  async #proveIfKept(digest: Digest): Promise<void> {
    const { stores, fetches, access, image, findUpstream } = this.#settings
    const { source } = image
    const isKept = (await stores.blobs.find(digest)) !== undefined
    // Its file is there before it is noted whose it is.
    if (!isKept || fetches.find(digest) || (await stores.metadata.isManifest(source, digest)))
      return
    const isSettled =
      (await access.isKnown(source, digest)) || !(await access.takesWord(source, digest))
    const upstream = isSettled ? undefined : findUpstream()
    try {
      if (upstream) await access.prove(source, digest, upstream)
    } catch (error) {
      const isOfThisOne = error instanceof UpstreamError && error.kind === 'not-found'
      if (!isOfThisOne) throw error
    }
  }

  /** Neither on its way nor kept in a way that may be shown; a manifest is no layer, whoever calls it one. */
  async #isMissing(digest: Digest): Promise<boolean> {
    const { access, fetches, stores, image } = this.#settings
    const { source } = image
    if (fetches.find(digest) || (await stores.metadata.isManifest(source, digest))) return false
    const isKept = (await stores.blobs.find(digest)) !== undefined
    return !isKept || !(await access.mayShow(source, digest))
  }
}

/** Upstream says it of this blob; all else it would say of the next one too, or the disk would. */
function isOfOneLayer(failure: unknown): boolean {
  if (!(failure instanceof UpstreamError)) return false
  return failure.kind === 'not-found' || failure.kind === 'invalid'
}

/** The disk fails, the server stops, or the upstream is no longer configured. */
function isExpected(error: unknown): boolean {
  if (error instanceof StoreFaultError || error instanceof UpstreamError) return true
  return error instanceof RegistryError
}
