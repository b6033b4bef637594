import type { Digest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'

/**
 * What eviction goes by: how much is kept, which images are the coldest, and what only they need. What
 * was pushed is never among them. Requests are served during each call.
 */
export interface SpaceRecords extends EvictionRecords, PinRecords {
  /** What was pushed stands under `pushedHere`. */
  measureUsage(): Promise<readonly Usage[]>
  /** Mirrored images, the least recently pulled first. */
  listColdest(page: ColdPage): Promise<readonly ColdImage[]>
  /** How many mirrored images come before it in that order. */
  countColder(image: ImagePlace): Promise<number>
  findColdImage(source: Source, digest: Digest): Promise<ColdImage | undefined>
  /** How it hangs together with the other images of its repository. */
  findHolders(image: ImageKey): Promise<Holders>
  /** Of each of the images, its tags. */
  listTagsOfAll(images: readonly ImageKey[]): Promise<readonly (readonly Tag[])[]>
  /**
   * Blobs that nobody needs any more without this image and those that `isGone` says yes to, which must
   * all be as cold or colder.
   */
  findFreed(image: ImagePlace, isGone: (image: ImageKey) => boolean): Promise<readonly SizedBlob[]>
  /** Bytes that are kept of these manifests and of all that they name, each blob once. */
  measureImages(manifests: readonly Digest[]): Promise<number>
  /**
   * Takes the image out of its repository, with its tags, and remembers why. Undefined if it was pulled
   * since it was listed. What it frees is then to be forgotten.
   */
  evict(image: ColdImage, why: EvictionReason): Promise<Evicted | undefined>
  /** Those that nobody needs. `manifest`, an image's that was evicted, isn't needed by an index that lists it. */
  findUnneeded(digests: readonly Digest[], manifest?: Digest): Promise<readonly Digest[]>
  /** Forgets those that nobody needs by now, and says which; `manifest` as before. */
  forgetUnneeded(digests: readonly Digest[], manifest?: Digest): Promise<readonly SizedBlob[]>
  /**
   * Of the next `limit` mirrored blobs, by digest, those that no image names, last used before `before`;
   * a day before that, where nobody knows yet whose they are.
   */
  listOrphans(page: OrphanPage): Promise<OrphanList>
  /** Whether a hosted repository has it. */
  isPushed(digest: Digest): Promise<boolean>
  /** Mirrored images that name it, the most recently pulled first, as far as a look at some hundreds tells. */
  listNeeding(digest: Digest, limit: number): Promise<readonly ColdImage[]>
}

/** The last 10,000 are remembered. */
export interface EvictionRecords {
  /** The last of this image, by a tag that it had then or by digest. */
  findEviction(source: Source, reference: Reference): Promise<Eviction | undefined>
  /** The last in which this manifest or blob went. */
  findEvictionOf(digest: Digest): Promise<Eviction | undefined>
  /** The newest first. */
  listEvictions(page: EvictionPage): Promise<readonly ListedEviction[]>
  /** How much went in each step of time in which any did, in the order of time. */
  sumEvictions(query: EvictionSums): Promise<readonly EvictedInTime[]>
}

/** Patterns of names that are never evicted. */
export interface PinRecords {
  listPins(): Promise<readonly string[]>
  /** On the disk when it resolves; false if it is pinned already. */
  pin(pattern: string, at: number): Promise<boolean>
  /** False if it isn't pinned. */
  unpin(pattern: string): Promise<boolean>
}

export type Usage = {
  readonly upstream: UpstreamName
  readonly blobs: number
  readonly bytes: number
}

export type ImageKey = { readonly repositoryId: number; readonly digest: Digest }

/** In the order of eviction. */
export type ImagePlace = ImageKey & { readonly lastPulledAt: number }

export type ColdImage = ImagePlace & {
  readonly source: Source
  readonly firstFetchedAt: number
  /** Whether it lists images of its repository that are kept: it goes after them. */
  readonly hasParts: boolean
}

export type ColdPage = {
  readonly after?: ImagePlace | undefined
  /** Last pulled before that. */
  readonly before: number
  readonly limit: number
}

export type Holders = {
  readonly tags: readonly Tag[]
  /** Images of its repository that list it, or an index that does. */
  readonly listedBy: readonly (ImageKey & { readonly tags: readonly Tag[] })[]
  /** Images of its repository that it lists. */
  readonly parts: readonly Digest[]
}

export type SizedBlob = { readonly digest: Digest; readonly sizeBytes: number }

export type EvictionReason = {
  readonly at: number
  /** In words. */
  readonly reason: string
}

export type Evicted = { readonly tags: readonly Tag[]; readonly freed: readonly SizedBlob[] }

export type Eviction = EvictionReason & {
  readonly source: Source
  readonly digest: Digest
  readonly tags: readonly Tag[]
  readonly freedBytes: number
  readonly firstFetchedAt: number
  readonly lastPulledAt: number
}

export type ListedEviction = Eviction & { readonly id: number }

export type EvictionPage = { readonly before?: number | undefined; readonly limit: number }

export type EvictionSums = { readonly since: number; readonly stepMs: number }

export type EvictedInTime = {
  /** When the step began. */
  readonly at: number
  readonly images: number
  readonly freedBytes: number
}

export type OrphanPage = {
  readonly after?: Digest | undefined
  readonly before: number
  readonly limit: number
}

export type OrphanList = {
  readonly orphans: readonly SizedBlob[]
  /** Undefined at the end. */
  readonly next: Digest | undefined
}
