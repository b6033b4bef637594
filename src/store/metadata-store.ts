import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Page } from '../oci/page.ts'
import type { Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'

/**
 * What is known about what is kept: one interface in five parts, one contract
 * (test/contract/metadata-store). All times are milliseconds since 1970, given by the caller.
 */
export interface MetadataStore
  extends BlobRecords,
    ImageRecords,
    TagRecords,
    ListRecords,
    SwitchRecords {
  /** Throws if the database can't be read or written: it really writes. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Everything under `blobs/`, manifests too, and which repository may be asked for it. */
export interface BlobRecords {
  recordBlob(blob: NewBlob): Promise<void>
  /** Whether content of `unknownOrigin` is kept: what is asked for may be among it. */
  hasUnknown(): Promise<boolean>
  findBlob(digest: Digest): Promise<BlobRecord | undefined>
  /** Notes that the upstream serves this blob from this repository. What was of unknown origin is the upstream's then. */
  linkBlob(source: Source, digest: Digest): Promise<void>
  /**
   * Linked, or named by a manifest that is kept for the repository and first fetched from the same
   * upstream: naming another upstream's content opens nothing.
   */
  isBlobLinked(source: Source, digest: Digest): Promise<boolean>
  /** Linked, whatever manifests name. */
  hasBlobLink(source: Source, digest: Digest): Promise<boolean>
  /** The upstream it was first fetched from, if a manifest that is kept for the repository names it. */
  findNamedOrigin(source: Source, digest: Digest): Promise<UpstreamName | undefined>
  /** The size that a kept manifest of the repository gives for a child. */
  findChildSize(source: Source, digest: Digest): Promise<number | undefined>
  /** Later access times win; digests that aren't known are passed over. */
  recordAccesses(accesses: Accesses): Promise<void>
}

export interface ImageRecords {
  /** Keeps what a manifest says, and that the repository has it. */
  recordImage(source: Source, image: NewImage): Promise<void>
  /**
   * A manifest that this repository has: recorded for it, or listed by an index that is and first
   * fetched from the same upstream.
   */
  findImage(source: Source, digest: Digest): Promise<ImageRecord | undefined>
  /** Notes that the repository has what `findImage` found in an index of its own. */
  linkImage(source: Source, digest: Digest, image: NewLink): Promise<void>
  /** Whether an image of the repository is kept. */
  hasImages(source: Source): Promise<boolean>
  /** Whether it is kept as a manifest, whatever repository it belongs to. */
  isManifestKept(digest: Digest): Promise<boolean>
  /**
   * Kept as a manifest of this repository or from this upstream, or called one by an index of the
   * repository. What another upstream calls a manifest counts for nothing here.
   */
  isManifest(source: Source, digest: Digest): Promise<boolean>
  /**
   * The manifest recorded for the repository that names `child`: of several the one pulled last, as
   * far as a look at some hundreds tells.
   */
  findParent(source: Source, child: Digest): Promise<Digest | undefined>
  /** That have an image, or are hosted without one, in byte order of how formatSource writes them, which `after` is of. */
  listRepositories(page: RepositoriesPage): Promise<readonly Source[]>
}

export interface TagRecords {
  findTag(source: Source, tag: Tag): Promise<TagRecord | undefined>
  recordTag(source: Source, tag: Tag, record: TagRecord): Promise<void>
  /** Tags that are kept and not known to be gone, in no particular order. */
  listTags(source: Source): Promise<readonly Tag[]>
}

/** What an upstream last answered to a listing. */
export interface ListRecords {
  findTagList(source: Source): Promise<FetchedList<string> | undefined>
  recordTagList(source: Source, list: FetchedList<string>): Promise<void>
  findReferrers(source: Source, subject: Digest): Promise<FetchedList<unknown> | undefined>
  recordReferrers(source: Source, subject: Digest, list: FetchedList<unknown>): Promise<void>
}

/** What somebody has switched by hand: it outlasts a restart and a power failure. */
export interface SwitchRecords {
  /** Undefined until it is switched for the first time. */
  findSwitch(name: SwitchName): Promise<boolean | undefined>
  recordSwitch(name: SwitchName, isOn: boolean): Promise<void>
}

export type SwitchName = 'offline'

export type BlobRecord = {
  readonly sizeBytes: number
  /** Where it was first fetched from, `pushedHere`, or `unknownOrigin`. */
  readonly origin: UpstreamName
  readonly firstFetchedAt: number
  readonly lastAccessedAt: number
}

export type NewBlob = {
  readonly digest: Digest
  readonly sizeBytes: number
  readonly upstream: UpstreamName
  readonly firstFetchedAt: number
}

export type NewLink = { readonly mediaType: string; readonly at: number }

export type ImageRecord = {
  /** False where only an index of the repository lists it. */
  readonly isOwn: boolean
  readonly mediaType: string
  readonly sizeBytes: number
  /** The manifest and all that it names. */
  readonly totalBytes: number
  readonly firstFetchedAt: number
  readonly lastPulledAt: number
}

export type NewImage = {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
  readonly artifactType: string | undefined
  readonly subject: Digest | undefined
  readonly children: readonly Descriptor[]
  readonly firstFetchedAt: number
}

/** Of one upstream alone, `after` is of their names there. */
export type RepositoriesPage = Page & { readonly upstream?: UpstreamName | undefined }

export type TagRecord = {
  readonly digest: Digest
  /** When the upstream last said that the tag means this digest. */
  readonly checkedAt: number
  /** When upstream last said that the tag is gone; undefined while it is there. */
  readonly goneAt?: number | undefined
}

export type FetchedList<T> = { readonly entries: readonly T[]; readonly fetchedAt: number }

export type Accesses = {
  readonly blobs: ReadonlyMap<Digest, number>
  /** Each once. */
  readonly images: readonly {
    readonly upstream: UpstreamName
    readonly repository: Repository
    readonly digest: Digest
    readonly at: number
  }[]
}
