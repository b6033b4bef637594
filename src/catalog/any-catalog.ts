import type { Digest } from '../oci/digest.ts'
import type { ImageConfig } from '../oci/image-config.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'

/**
 * What can be asked of the catalog, from the thread it lives in or from another. Nobody is asked for what
 * isn't kept. All methods throw RegistryError for whatever a client is to be told.
 */
export interface AnyCatalog {
  /** In byte order of their names. */
  listRepositories(page: Page): Promise<Part<RepositoryOverview>>
  /** By tag, in byte order. NAME_UNKNOWN for a repository of which nothing is kept. */
  listImages(source: Source, page: Page): Promise<ImageList>
  /** MANIFEST_UNKNOWN for an image that isn't kept. */
  inspect(source: Source, reference: Reference): Promise<Inspection>
}

export type RepositoryOverview = {
  readonly source: Source
  /** As it is pulled: `team/app`, or `docker.io/library/alpine`. */
  readonly name: string
  /** Whether it was pushed here. */
  readonly isHosted: boolean
  readonly tagCount: number
  readonly sizeBytes: number
  /** Undefined until it is pulled. */
  readonly lastPulledAt: number | undefined
}

export type ImageList = Part<ImageOverview> & Pick<RepositoryOverview, 'name' | 'isHosted'>

export type ImageOverview = ImageFacts & {
  readonly tag: Tag
  readonly digest: Digest
  readonly mediaType: string
  /** With all that it names, and of an index what is kept. */
  readonly sizeBytes: number
  readonly lastPulledAt: number | undefined
}

/** What an image says of itself, as far as what says so is kept. */
export type ImageFacts = {
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined
  readonly description: string | undefined
}

export type Inspection = Omit<ImageOverview, 'tag'> &
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
