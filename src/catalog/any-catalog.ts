import type { Caller } from '../access/caller.ts'
import type { RepositoryOrder } from '../answers/repositories.ts'
import type { Digest } from '../oci/digest.ts'
import type { ImageConfig } from '../oci/image-config.ts'
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
  /** MANIFEST_UNKNOWN for an image that isn't kept. */
  inspect(source: Source, reference: Reference): Promise<Inspection>
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
}

export type RepositoryList = Part<RepositoryOverview> & {
  /** How many match, with those on other pages. */
  readonly total: number
  /** Whether there are so many repositories that the last ones aren't looked at. */
  readonly isCut: boolean
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
    /** What an index lists. */
    readonly manifests: readonly (KeptPart & { readonly platform: string | undefined })[]
    /** Of an index, which of its manifests it is whose config and layers are told. */
    readonly shown: Digest | undefined
    readonly config: (KeptPart & { readonly content: ImageConfig | undefined }) | undefined
    readonly layers: readonly KeptPart[]
    readonly tags: readonly Tag[]
    readonly referrers: readonly Referrer[]
  }

/** Something that a manifest names. */
export type KeptPart = {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
  readonly isKept: boolean
}

export type Referrer = Omit<KeptPart, 'isKept'> & { readonly artifactType: string | undefined }
