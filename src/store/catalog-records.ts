import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'

/** What is kept as people look at it, pushed and mirrored alike. Nothing here is written. */
export interface CatalogRecords {
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
