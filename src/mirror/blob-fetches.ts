import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { BlobFetch } from './blob-fetch.ts'

type Settings = {
  readonly stores: Stores
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

/** The blobs that are on their way, one fetch a digest: the one place that begins a fetch. */
export class BlobFetches {
  readonly #settings: Settings
  readonly #running = new Map<Digest, BlobFetch>()
  #settledCount = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Grows with every fetch that ends: whoever looked in the store before it grew must look again. */
  get settledCount(): number {
    return this.#settledCount
  }

  find(digest: Digest): BlobFetch | undefined {
    return this.#running.get(digest)
  }

  /** Call it only if `find` finds nothing. */
  start(source: Source, digest: Digest, upstream: Upstream): BlobFetch {
    const { stores, now, onError } = this.#settings
    const fetch = new BlobFetch({
      source,
      upstream,
      digest,
      blobs: stores.blobs,
      findExpectedSize: () => stores.metadata.findChildSize(source, digest),
      onKept: async (sizeBytes) => {
        await stores.metadata.recordBlob({
          digest,
          sizeBytes,
          upstream: source.upstream,
          firstFetchedAt: now(),
        })
        await stores.metadata.linkBlob(source, digest)
      },
      onSettled: (error) => {
        this.#settledCount++
        this.#running.delete(digest)
        if (error !== undefined && !isNo(error)) onError(error, `fetch of ${digest} failed`)
      },
      onCloseError: (error) => onError(error, `closing ${digest} failed`),
    })
    this.#running.set(digest, fetch)
    return fetch
  }

  /** Breaks off what is under way and waits until it has ended. */
  async close(): Promise<void> {
    const running = [...this.#running.values()]
    for (const fetch of running) fetch.abort()
    await Promise.all(running.map((fetch) => fetch.finished))
  }
}

/** Upstream said no; whoever asked was told, and nothing is wrong. */
function isNo(error: unknown): boolean {
  return error instanceof UpstreamError && !error.isTemporary
}
