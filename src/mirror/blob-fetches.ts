import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError, WrongContentError } from '../upstream/upstream-error.ts'
import type { FetchState } from './any-mirror.ts'
import { BlobFetch } from './blob-fetch.ts'
import type { FetchReports } from './fetch-reports.ts'
import { Segments } from './segments.ts'

type Settings = {
  readonly stores: Stores
  readonly now: () => number
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  readonly reports: FetchReports
  readonly onError: (error: unknown, what: string) => void
  /** Hears when what came isn't what its digest says. */
  readonly onWrongContent?: ((error: WrongContentError) => void) | undefined
}

const maxRemembered = 1_000

/** The blobs that are on their way, one fetch a digest: the one place that begins a fetch. */
export class BlobFetches {
  readonly #settings: Settings
  readonly #running = new Map<Digest, BlobFetch>()
  /** Which URL to begin with, for what the one before it sent wrong. */
  readonly #turns = new LRUCache<Digest, number>(atMost(maxRemembered))
  readonly #segments = new Segments()
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

  /**
   * Call it only if `find` finds nothing. One that is ahead of what clients ask for has a spare slot
   * of the upstream, and no upstream's failure of it is anyone's concern.
   */
  start(source: Source, digest: Digest, upstream: Upstream, { isAhead = false } = {}): BlobFetch {
    const { stores, now, signal, reports, onError } = this.#settings
    const turn = this.#turns.get(digest) ?? 0
    const fetch = new BlobFetch({
      source,
      upstream,
      digest,
      turn,
      hasSlot: isAhead,
      signal,
      blobs: stores.blobs,
      holds: stores.holds,
      segments: this.#segments,
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
      onSettled: (error) => this.#settle(digest, error, { turn, isAhead }),
      onCloseError: (error) => onError(error, `closing ${digest} failed`),
    })
    this.#running.set(digest, fetch)
    reports.begin(digest, fetch)
    return fetch
  }

  #settle(
    digest: Digest,
    error: unknown,
    { turn, isAhead }: { readonly turn: number; readonly isAhead: boolean },
  ): void {
    this.#settledCount++
    const fetch = this.#running.get(digest)
    if (fetch) this.#settings.reports.end(digest, fetch, error)
    this.#running.delete(digest)
    if (isInvalid(error)) this.#turns.set(digest, turn + 1)
    if (error instanceof WrongContentError) this.#settings.onWrongContent?.(error)
    const isQuiet = isExpected(error) || (isAhead && error instanceof UpstreamError)
    if (error === undefined || isQuiet) return
    this.#settings.onError(error, `fetch of ${digest} failed`)
  }

  describe(): FetchState {
    const running = [...this.#running.values()]
    return {
      underWay: running.length,
      followers: running.reduce((sum, { clients }) => sum + clients, 0),
      writtenBytes: running.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0),
    }
  }

  /** Breaks off what is under way and waits until it has ended. */
  async close(): Promise<void> {
    const running = [...this.#running.values()]
    for (const fetch of running) fetch.abort()
    await Promise.all(running.map((fetch) => fetch.finished))
  }
}

/** What was sent can't be right; another URL of the upstream may have it as it should be. */
function isInvalid(error: unknown): boolean {
  return error instanceof UpstreamError && error.kind === 'invalid'
}

/** Upstream said no, or the disk fails: whoever asked was told, and the disk has its own log lines. */
function isExpected(error: unknown): boolean {
  if (error instanceof UpstreamError) return !error.isTemporary || error.kind === 'offline'
  return error instanceof StoreFaultError
}
