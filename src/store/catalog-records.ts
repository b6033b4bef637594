import type { Digest } from '../oci/digest.ts'
import type { Page } from '../oci/page.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { RepositoriesPage } from './metadata-store.ts'

/** What is kept as people look at it, pushed and mirrored alike. Nothing here is written. */
export interface CatalogRecords {
  /** In the order of `listRepositories`. */
  describeRepositories(page: RepositoriesPage): Promise<readonly RepositoryRecord[]>
  /** Tags whose manifests are kept and that aren't known to be gone, in byte order. */
  listTagged(source: Source, page: Page): Promise<readonly TaggedRecord[]>
  /** Undefined until what was pushed is pulled. */
  findLastPull(source: Source, digest: Digest): Promise<number | undefined>
  /** Tags of the repository that point to it, in byte order. */
  listTagsOf(source: Source, digest: Digest, limit: number): Promise<readonly Tag[]>
  /**
   * Bytes of a kept index, of those of its manifests that are kept, and of all that they name; as far as a
   * look at some thousands tells.
   */
  measureIndex(digest: Digest): Promise<number>
  /** Other images than this one that name the blob, as far as a look at some hundreds tells. */
  listSharing(digest: Digest, than: ImageOfSource, limit: number): Promise<readonly SharingImage[]>
}

export type ImageOfSource = { readonly source: Source; readonly digest: Digest }

export type SharingImage = ImageOfSource & {
  /** Its own, or that of an index of the repository that lists it. */
  readonly tag: Tag | undefined
}

export type RepositoryRecord = {
  readonly source: Source
  readonly tagCount: number
  /** Of its blobs that are kept, each once; as far as a look at some ten thousand tells. */
  readonly sizeBytes: number
  /** Undefined until what was pushed is pulled. */
  readonly lastPulledAt: number | undefined
}

export type TaggedRecord = {
  readonly tag: Tag
  readonly digest: Digest
  /** The manifest's own. */
  readonly manifestBytes: number
  /** Undefined where the manifest came through another repository. */
  readonly image: { readonly mediaType: string; readonly totalBytes: number } | undefined
  readonly lastPulledAt: number | undefined
}
