import { type Digest, isDigest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, ownSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ColdImage, Eviction } from '../store/space-records.ts'
import { type Pins, toNames } from './pins.ts'

type Settings = {
  readonly stores: Pick<Stores, 'space' | 'metadata' | 'hosted' | 'accessTimes'>
  readonly pins: Pins
  readonly now: () => number
  /** What was pulled more recently stays. */
  readonly minAgeMs: () => number
}

/** Why something is kept, or isn't. Times are milliseconds since 1970. */
export type Explanation = {
  /** As it was asked for. */
  readonly what: string
  readonly digest: Digest | undefined
  readonly isKept: boolean
  /** Whether it was pushed here: then it is never evicted. */
  readonly isPushed: boolean
  readonly since: number | undefined
  readonly lastPulledAt: number | undefined
  /** Names of the images that need it, the most recently pulled first. */
  readonly neededBy: readonly string[]
  /** The pattern by which it is pinned. */
  readonly pinnedBy: string | undefined
  /** Until then it stays, since it was pulled so recently. */
  readonly safeUntil: number | undefined
  /** How many images would go before it. */
  readonly colderImages: number | undefined
  /** What would be free without it. */
  readonly freesBytes: number | undefined
  /** When and why it went the last time. */
  readonly eviction: Eviction | undefined
}

const mostNamed = 20

/** Answers what became of an image or a blob, and what will. */
export class Explanations {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async explainImage(source: Source, reference: Reference): Promise<Explanation> {
    const { stores } = this.#settings
    await stores.accessTimes.settle()
    const pushed = source.own && (await this.#findPushed(source.own, reference))
    const isOwn = source.own !== undefined && (await stores.hosted.isHosted(source.own))
    requireGrant(source, isOwn)
    if (pushed) return pushed
    if (isOwn) return nothing(formatName(ownSource(source.own), reference))
    const what = formatName(source, reference)
    const digest = isDigest(reference)
      ? reference
      : (await stores.metadata.findTag(source, reference))?.digest
    const image = digest && (await stores.space.findColdImage(source, digest))
    const eviction = await stores.space.findEviction(source, reference)
    if (!image) return { ...nothing(what), digest, eviction }
    return { ...nothing(what), ...(await this.#describe(image)), eviction }
  }

  /** Of a manifest, a layer or a config. */
  async explainDigest(digest: Digest): Promise<Explanation> {
    const { stores } = this.#settings
    await stores.accessTimes.settle()
    const eviction = await stores.space.findEvictionOf(digest)
    const blob = await stores.metadata.findBlob(digest)
    const known = { ...nothing(digest), digest, eviction }
    if (!blob) return known
    const needing = await stores.space.listNeeding(digest, mostNamed)
    const neededBy: string[] = []
    let pinnedBy: string | undefined
    for (const image of needing) {
      const holders = await stores.space.findHolders(image)
      neededBy.push(formatAll(image.source, image.digest, holders.tags))
      pinnedBy ??= this.#settings.pins.find(toNames(image, holders))
    }
    const [warmest] = needing
    return {
      ...known,
      ...(warmest && (await this.#describe(warmest))),
      digest,
      isKept: true,
      isPushed: await stores.space.isPushed(digest),
      pinnedBy,
      since: blob.firstFetchedAt,
      neededBy,
      freesBytes: needing.length > 1 ? undefined : blob.sizeBytes,
    }
  }

  async #describe(image: ColdImage): Promise<Partial<Explanation>> {
    const { stores, pins, now, minAgeMs } = this.#settings
    const { source, digest, lastPulledAt, firstFetchedAt } = image
    const holders = await stores.space.findHolders(image)
    const { listedBy } = holders
    const safeUntil = lastPulledAt + minAgeMs()
    const freed = await stores.space.findFreed(image, () => false)
    return {
      digest,
      isKept: true,
      since: firstFetchedAt,
      lastPulledAt,
      pinnedBy: pins.find(toNames({ source, digest }, holders)),
      neededBy: listedBy.map((index) => formatAll(source, index.digest, index.tags)),
      safeUntil: safeUntil > now() ? safeUntil : undefined,
      colderImages: await stores.space.countColder(image),
      freesBytes: freed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    }
  }

  async #findPushed(own: Repository, reference: Reference): Promise<Explanation | undefined> {
    const { hosted } = this.#settings.stores
    const digest = isDigest(reference) ? reference : await hosted.findPushedTag(own, reference)
    const isThere = digest !== undefined && (await hosted.findPushed(own, digest)) !== undefined
    if (!isThere) return undefined
    const what = formatName(ownSource(own), reference)
    return { ...nothing(what), digest, isKept: true, isPushed: true }
  }
}

function nothing(what: string): Explanation {
  return {
    what,
    digest: undefined,
    isKept: false,
    isPushed: false,
    since: undefined,
    lastPulledAt: undefined,
    neededBy: [],
    pinnedBy: undefined,
    safeUntil: undefined,
    colderImages: undefined,
    freesBytes: undefined,
    eviction: undefined,
  }
}

function formatName(source: Source, reference: Reference): string {
  return `${formatSource(source)}${isDigest(reference) ? '@' : ':'}${reference}`
}

function formatAll(source: Source, digest: Digest, tags: readonly Tag[]): string {
  return formatName(source, tags[0] ?? digest)
}
