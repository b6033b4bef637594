import { blobsOf, type CiShelves, findImage } from './ci-images.ts'
import type { CiLoad, TimedEvent } from './ci-load.ts'

/** What a cache that never forgets would have to ask of upstream, and could serve. */
export interface Expectation {
  /** Of the world's registry: an index and its platform count as two. */
  readonly worldManifestGets: number
  readonly clientBytes: number
  /** What clients asked for and nobody had asked for before. */
  readonly upstreamBytes: number
  /** The same if with one layer all others of the image are fetched. */
  readonly upstreamBytesOfWholeImages: number
  /** From `fromMs` on: pulls of images, and how many of them need nothing that isn't kept by then. */
  readonly laterPulls: number
  readonly laterCompletePulls: number
}

/** Follows the load; what is asked for from `fromMs` on isn't kept any more. */
export const expectOfCache = (
  { shelves, held, events }: CiLoad,
  fromMs = Number.POSITIVE_INFINITY,
): Expectation => {
  const cache = new IdealCache(shelves)
  for (const image of held) cache.hold(image)
  const later = { pulls: 0, complete: 0 }
  for (const event of events) {
    if (event.kind === 'poll') continue
    if (event.atMs < fromMs) cache.pull(event)
    else {
      later.pulls++
      if (cache.hasAll(event)) later.complete++
    }
  }
  const { clientBytes, upstreamBytes, upstreamBytesOfWholeImages, worldManifestGets } = cache
  return {
    worldManifestGets,
    clientBytes,
    upstreamBytes,
    upstreamBytesOfWholeImages,
    laterPulls: later.pulls,
    laterCompletePulls: later.complete,
  }
}

class IdealCache {
  worldManifestGets = 0
  clientBytes = 0
  upstreamBytes = 0
  upstreamBytesOfWholeImages = 0
  readonly #shelves: CiShelves
  readonly #images = new Set<TimedEvent['image']>()
  readonly #blobs = new Set<string>()
  readonly #blobsOfWholeImages = new Set<string>()

  constructor(shelves: CiShelves) {
    this.#shelves = shelves
  }

  hold(image: TimedEvent['image']): void {
    const { config, layers } = findImage(this.#shelves, image)
    this.#images.add(image)
    for (const { digest } of [config, ...layers]) {
      this.#blobs.add(digest)
      this.#blobsOfWholeImages.add(digest)
    }
  }

  hasAll(event: TimedEvent): boolean {
    if (!this.#images.has(event.image)) return false
    return blobsOf(this.#shelves, event).every(({ digest }) => this.#blobs.has(digest))
  }

  pull(event: TimedEvent): void {
    const { image, kind } = event
    if (kind === 'pull' && !this.#images.has(image))
      this.worldManifestGets += image.platforms > 1 ? 2 : 1
    this.#images.add(image)
    const asked = blobsOf(this.#shelves, event)
    for (const { sizeBytes } of asked) this.clientBytes += sizeBytes
    this.upstreamBytes += addNew(this.#blobs, asked)
    if (asked.length === 0) return
    const { config, layers } = findImage(this.#shelves, image)
    this.upstreamBytesOfWholeImages += addNew(this.#blobsOfWholeImages, [config, ...layers])
  }
}

/** Returns the bytes of what wasn't there. */
const addNew = (
  known: Set<string>,
  blobs: readonly { readonly digest: string; readonly sizeBytes: number }[],
): number => {
  let bytes = 0
  for (const { digest, sizeBytes } of blobs) {
    if (!known.has(digest)) bytes += sizeBytes
    known.add(digest)
  }
  return bytes
}
