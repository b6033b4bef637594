import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { ImageKey } from './space-records.ts'

/** What the kept bytes are: each byte once. Requests are served during each call. */
export interface PartsRecords {
  /** Repositories of upstreams, by id. */
  listMirrored(page: MirroredPage): Promise<readonly MirroredRepository[]>
  /** The mirrored images of a repository, by digest, each with its tags. */
  listNamed(page: NamedPage): Promise<readonly NamedImage[]>
  /** Goes through all that is kept, elsewhere than where requests are answered; one at a time. */
  measureParts(pinned: PinnedImages): Promise<MeasuredParts>
}

export type MirroredPage = { readonly after?: number | undefined; readonly limit: number }

export type MirroredRepository = { readonly id: number; readonly source: Source }

export type NamedPage = {
  readonly repositoryId: number
  readonly after?: Digest | undefined
  readonly limit: number
}

export type NamedImage = { readonly digest: Digest; readonly tags: readonly Tag[] }

export type PinnedImages = {
  /** Ids of repositories all of whose images are. */
  readonly whole: readonly number[]
  /** Others, and with them what they list. */
  readonly images: readonly ImageKey[]
  /** What no image names is about to be named if it was last used after that. */
  readonly before: number
}

/** In bytes. */
export type MeasuredParts = {
  readonly hosted: number
  readonly pinned: number
  readonly mirrored: number
  /** Nobody needs them. */
  readonly reclaimable: number
}
