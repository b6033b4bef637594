import type { AnyBackups } from '../backup/any-backups.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { SpaceHistoryQuery, SpaceSample } from '../store/space-history-records.ts'
import type { EvictedInTime, EvictionPage, ListedEviction } from '../store/space-records.ts'
import type { AnyVerification } from './any-verification.ts'
import type { Eviction } from './evictor.ts'
import type { Explanation } from './explanations.ts'
import type { ImageEviction } from './image-eviction.ts'
import type { KeptBytes } from './kept-parts.ts'
import type { NextPage, NextVictims } from './next-evictions.ts'

/**
 * What can be asked about space, from the thread it lives in or from another. All methods throw
 * RegistryError for whatever a client is to be told.
 */
export interface AnySpace {
  /** How much is kept, of whom, and how full the disk is. */
  describe(): Promise<SpaceState>
  /** With what the kept bytes are. */
  describeParts(): Promise<PartedSpace>
  /** Makes room by hand, or says what would go: down to that share of the disk, `space.low` without one. */
  evict(options: { isDryRun: boolean; toShare?: number | undefined }): Promise<WantedEviction>
  /**
   * Takes away one image, with its tags and with what only it lists, or says what would go. Throws RegistryError
   * MANIFEST_UNKNOWN, and DENIED for what was pushed or is pinned.
   */
  evictImage(
    source: Source,
    reference: Reference,
    options: { isDryRun: boolean },
  ): Promise<ImageEviction>
  /** What would go next, the first of it first. */
  listNext(page: NextPage): Promise<NextVictims>
  /** What went, the newest first. */
  listEvictions(page: EvictionPage): Promise<readonly ListedEviction[]>
  /** How full the disk was, and what went. */
  describeHistory(query: SpaceHistoryQuery): Promise<SpaceOverTime>
  readonly verification: AnyVerification
  readonly backups: AnyBackups
  explainImage(source: Source, reference: Reference): Promise<Explanation>
  explainDigest(digest: Digest): Promise<Explanation>
  listPins(): Promise<PinList>
  /** The pattern by which an image is pinned, by its own names or those of an index that lists it. */
  findPin(source: Source, digest: Digest): Promise<string | undefined>
  /** Of each, whether it is pinned by its own name. */
  arePinned(source: Source, images: readonly TaggedImage[]): Promise<readonly boolean[]>
  /** Throws RegistryError NAME_INVALID. */
  pin(text: string): Promise<{ readonly pattern: string; readonly isNew: boolean }>
  /** What `pin` would do. Throws as it does. */
  planPin(text: string): Promise<{ readonly pattern: string; readonly isNew: boolean }>
  /** `wasPinned`: by hand. */
  unpin(text: string): Promise<{ readonly pattern: string; readonly wasPinned: boolean }>
}

/** `wantedBytes`: so much was to go. */
export type WantedEviction = Eviction & { readonly wantedBytes: number }

export type SpaceState = {
  readonly disk: {
    readonly totalBytes: number
    readonly usedBytes: number
    readonly freeBytes: number
    /** So much stays free. */
    readonly keptFreeBytes: number
    /** From which share in use on images go, and down to which. */
    readonly high: number
    readonly low: number
  }
  readonly kept: readonly {
    /** Undefined stands for what was pushed. */
    readonly upstream: string | undefined
    readonly blobs: number
    readonly bytes: number
  }[]
}

/** Together the parts are all that is kept. */
export type PartedSpace = SpaceState & { readonly parts: KeptBytes }

/** In the order of time. */
export type SpaceOverTime = {
  readonly samples: readonly SpaceSample[]
  readonly evictions: readonly EvictedInTime[]
}

export type TaggedImage = { readonly tag: Tag; readonly digest: Digest }

/** Patterns of names. */
export type PinList = {
  /** In mirrors.yaml. */
  readonly configured: readonly string[]
  /** By hand. */
  readonly added: readonly string[]
}
