import type { Caller } from '../access/caller.ts'
import type { RepositoryOrder } from '../answers/repositories.ts'
import type { Digest } from '../oci/digest.ts'
import type { HistoryEntry, ImageConfig } from '../oci/image-config.ts'
import type { Part } from '../oci/page.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { TagFigures, TagQuery } from '../store/overview-records.ts'

/**
 * What can be asked of the catalog, from the thread it lives in or from another. Nobody is asked for what
 * isn't kept. All methods throw RegistryError for whatever a client is to be told.
 */
export interface AnyCatalog {
  /** Of those that the caller may pull, also in what is counted. */
  listRepositories(query: RepositoryQuery, caller: Caller): Promise<RepositoryList>
  /** NAME_UNKNOWN for a repository of which nothing is kept. */
  describeRepository(source: Source): Promise<RepositoryDetail>
  /** NAME_UNKNOWN too. */
  listImages(source: Source, query: ImageQuery): Promise<ImageList>
  /** MANIFEST_UNKNOWN for an image that isn't kept, and for a platform that its index doesn't list. */
  inspect(source: Source, reference: Reference, platform?: string): Promise<Inspection>
  /** As it is kept. MANIFEST_UNKNOWN as above, BLOB_UNKNOWN for a config that isn't kept. */
  readDocument(source: Source, wanted: WantedDocument): Promise<KeptDocument>
}

export type WantedDocument = {
  readonly reference: Reference
  /** Its config and not the manifest, or the index, itself. */
  readonly isConfig: boolean
  /** Of an index, whose config: `linux/arm64`, or a digest. */
  readonly platform: string | undefined
}

export type KeptDocument = Pick<RepositoryOverview, 'name'> & {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** What of it isn't there, is all. */
export type RepositoryQuery = {
  /** Part of a name, `name:tag` with the beginning of a tag, or the beginning of a digest. */
  readonly search: string
  readonly order: RepositoryOrder
  readonly isDescending: boolean
  /** `hosted` is no host's name. */
  readonly source: 'all' | 'hosted' | UpstreamName
  /** Not pulled for so long. */
  readonly idleMs?: number | undefined
  /** In bytes. */
  readonly largerThan?: number | undefined
  readonly offset: number
  /** Only names that come after it in byte order. */
  readonly after?: string | undefined
  readonly limit: number
  /** Whether it will do without sizes that have yet to be measured: that takes seconds where very much is kept. */
  readonly mayLackSizes: boolean
}

export type RepositoryList = Part<RepositoryOverview> & {
  /** How many match, with those on other pages. */
  readonly total: number
  /** Whether there are so many repositories that the last ones aren't looked at. */
  readonly isCut: boolean
  /** Else all sizes are 0: they are still being measured. */
  readonly isMeasured: boolean
}

export type RepositoryOverview = {
  readonly source: Source
  /** As it is pulled: `team/app`, or `docker.io/library/alpine`. */
  readonly name: string
  /** Whether it was pushed here. */
  readonly isHosted: boolean
  readonly tagCount: number
  /** Of its blobs that are kept, each once. */
  readonly sizeBytes: number
  /** Of these, what no other repository has. */
  readonly ownBytes: number
  /** In the last `pullDays`. */
  readonly pulls: number
  /** Undefined until it is pulled. */
  readonly lastPulledAt: number | undefined
  /** When its newest image was first stored. */
  readonly newestAt: number | undefined
}

export type RepositoryDetail = RepositoryOverview & {
  /** One number a day; the last is today's. */
  readonly pullsByDay: readonly number[]
}

export type ImageQuery = Omit<TagQuery, 'pullsSince' | 'days'>

export type ImageList = Part<ImageOverview> &
  Pick<RepositoryOverview, 'name' | 'isHosted'> & { readonly total: number }

export type ImageOverview = ImageFacts & {
  readonly tag: Tag
  readonly digest: Digest
  readonly mediaType: string
  /** With all that it names, and of an index what is kept. */
  readonly sizeBytes: number
  readonly lastPulledAt: number | undefined
} & Pick<TagFigures, 'storedAt' | 'checkedAt' | 'ownBytes' | 'sharedBytes' | 'pullsByDay'>

/** What an image says of itself, as far as what says so is kept. */
export type ImageFacts = {
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined
  readonly description: string | undefined
  /** `linux/arm64`: its own, or those that an index lists, the first ones. */
  readonly platforms: readonly string[]
}

export type Inspection = Omit<ImageFacts, 'platforms'> &
  Pick<ImageOverview, 'digest' | 'mediaType' | 'sizeBytes' | 'lastPulledAt'> &
  Pick<RepositoryOverview, 'name' | 'isHosted'> & {
    /** The manifest's own. */
    readonly manifestBytes: number
    readonly artifactType: string | undefined
    readonly subject: Digest | undefined
    readonly annotations: Readonly<Record<string, string>>
    /** When it was first kept in this repository. */
    readonly storedAt: number
    /** What an index lists. */
    readonly manifests: readonly ListedImage[]
    /** Of an index, which of its manifests it is whose config and layers are told. */
    readonly shown: Digest | undefined
    readonly config: (KeptPart & { readonly content: ImageConfig | undefined }) | undefined
    readonly layers: readonly LayerPart[]
    readonly tags: readonly Tag[]
    readonly referrers: readonly Referrer[]
  }

/** What an index lists: a platform's image, an attestation, or what says nothing of itself. */
export type ListedImage = KeptPart & {
  readonly platform: string | undefined
  /** Of an attestation by buildx, the image that it is about. */
  readonly attests: Digest | undefined
  /** With its config and layers; undefined until its manifest is kept, and where there are too many to look. */
  readonly imageBytes: number | undefined
  /** Of them, what is kept. */
  readonly keptBytes: number | undefined
}

export type LayerPart = KeptPart & {
  /** What made it. */
  readonly step: HistoryEntry | undefined
  /** Other images that have it, the most recently pulled first. */
  readonly sharing: readonly { readonly source: Source; readonly reference: Reference }[]
  /** Whether there may be more of them. */
  readonly isSharedByMore: boolean
}

/** Something that a manifest names. */
export type KeptPart = {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
  readonly isKept: boolean
}

/** What refers to an image, or is attached to it by a tag that says so. */
export type Referrer = KeptPart & {
  readonly artifactType: string | undefined
  /** By which it is found, where it isn't by its subject. */
  readonly tag: Tag | undefined
  readonly referrers: readonly Referrer[]
}
