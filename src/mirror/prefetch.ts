import { setImmediate as clientsFirst } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobFetches } from './blob-fetches.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import { ImagePrefetch } from './image-prefetch.ts'
import type { ManifestKeeper } from './manifest-keeper.ts'
import type { ManifestPull } from './manifests.ts'
import { type RecentImage, RecentImages } from './recent-images.ts'
import type { Sources } from './sources.ts'
import { Turnstile } from './turnstile.ts'

type Settings = {
  readonly stores: Stores
  readonly keeper: ManifestKeeper
  readonly access: BlobAccess
  readonly fetches: BlobFetches
  readonly sources: Sources
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown, what: string) => void
}

/** What has become of an image that was begun. */
type Wave = {
  isUnderWay: boolean
  /** Layers that couldn't be had, and aren't tried again before a client has got them. */
  readonly failed: Set<Digest>
}

/** Images at once, for each upstream; what comes beyond is fetched when clients ask. */
const maxImages = 32

/**
 * Fetches an image's other layers once a client has been given one of them. A manifest or a config
 * alone begins nothing: update checkers ask for those all day. All of it happens beside what clients
 * ask for, and none of them hears of a failure.
 */
export class Prefetch {
  readonly #settings: Settings
  readonly #images = new RecentImages()
  /** Of images in memory. */
  readonly #waves = new WeakMap<RecentImage, Wave>()
  readonly #places = new Turnstile(maxImages)
  readonly #running = new Set<Promise<void>>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** A client was given a manifest by GET: its layers may be asked for next. */
  notePull(source: Source, { bytes, cache, ...manifest }: ManifestPull): void {
    // Where the disk takes no manifest, it takes no layers.
    if (!bytes || cache === 'pass' || !this.#settings.sources.wantsPrefetch(source)) return
    this.#images.note(source, { ...manifest, bytes })
  }

  /** The same for a manifest that was given without asking the mirror, by its leave. */
  noteServed(source: Source, digest: Digest): void {
    this.#images.noteAgain(source, digest)
  }

  /** A client was given a blob by GET. Asks the database only where the blob wasn't kept. */
  followPull(source: Source, digest: Digest, cache: CacheOutcome): void {
    if (cache === 'pass' || !this.#settings.sources.wantsPrefetch(source)) return
    const image = this.#images.find(source, digest)
    if (image) this.#beginIfDue(image, digest, cache)
    else if (cache === 'miss') this.#run(source, () => this.#recall(source, digest))
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** The manifest was pulled long ago, or before the server was started. */
  async #recall(source: Source, digest: Digest): Promise<void> {
    const { stores, keeper } = this.#settings
    // The client's answer goes out before the database is asked, during which nothing else happens.
    await clientsFirst()
    const parent = await stores.metadata.findParent(source, digest)
    const manifest = parent && (await keeper.find(source, parent))
    const image = manifest && this.#images.note(source, manifest)
    if (image) this.#beginIfDue(image, digest, 'miss')
  }

  /** Once an image; again only when a layer of it turns out not to be kept. */
  #beginIfDue(image: RecentImage, asked: Digest, cache: CacheOutcome): void {
    const { source, layers } = image
    const progress = this.#waves.get(image)
    progress?.failed.delete(asked)
    const isDue = progress === undefined || (cache === 'miss' && !progress.isUnderWay)
    if (!isDue || !layers.has(asked) || !this.#findUpstream(source)) return
    this.#run(source, () => this.#fetchOthers(image, asked))
  }

  async #fetchOthers(image: RecentImage, asked: Digest): Promise<void> {
    const { failed } = this.#waves.get(image) ?? { failed: new Set() }
    const progress = { isUnderWay: true, failed }
    this.#waves.set(image, progress)
    await clientsFirst()
    const prefetch = new ImagePrefetch({
      ...this.#settings,
      image,
      layers: othersInOrder(image, asked).filter((digest) => !failed.has(digest)),
      findUpstream: () => this.#findUpstream(image.source),
      onFailed: (digest) => failed.add(digest),
    })
    await prefetch.run()
    progress.isUnderWay = false
  }

  /** Undefined where nothing may be fetched ahead now. */
  #findUpstream(source: Source): Upstream | undefined {
    const { stores, sources, signal } = this.#settings
    const isPossible = !signal.aborted && stores.health.fault === undefined
    if (!isPossible || !sources.wantsPrefetch(source)) return undefined
    const upstream = sources.findUpstream(source)
    return upstream?.outage ? undefined : upstream
  }

  /** Not at all where so many images are under way already. */
  #run(source: Source, task: () => Promise<void>): void {
    const leave = this.#places.enter(source.upstream)
    if (!leave) return
    const running = task()
      .catch((error) => this.#settings.onError(error, 'fetching layers ahead failed'))
      .finally(() => {
        leave()
        this.#running.delete(running)
      })
    this.#running.add(running)
  }
}

/** Clients ask in the manifest's order, and have what comes before the first that they ask for. */
function othersInOrder({ layers }: RecentImage, asked: Digest): readonly Digest[] {
  const all = [...layers]
  const at = all.indexOf(asked)
  return [...all.slice(at + 1), ...all.slice(0, at)]
}
