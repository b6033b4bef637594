import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'

/** What nobody goes on with, and nobody needs, is nobody's after this long. */
export const unneededForMs = 24 * 3_600_000

/**
 * What was pushed and nobody owns any more. Requests are served during each call, and what it took away
 * stays away, also after a power failure.
 */
export interface UnownedRecords {
  /**
   * Of the next `limit` links of what was pushed, takes away those that no image of their repository
   * needs and `mayGo` says yes to.
   */
  unlinkUnneeded(page: LinkPage, mayGo: (link: Link) => boolean): Promise<UnlinkedPage>
  /** Of the next `limit` blobs that were pushed, by digest, those that no repository has and no image names. */
  listUnowned(page: UnownedPage): Promise<UnownedList>
  /** Those of them that are still unowned. */
  findUnowned(digests: readonly Digest[]): Promise<readonly Digest[]>
  /** Forgets those that are still unowned, and says which. */
  forgetUnowned(digests: readonly Digest[]): Promise<readonly UnownedBlob[]>
}

/** What a run of the collector took away. */
export type Freed = { readonly blobs: number; readonly bytes: number }

export type LinkPage = { readonly after?: LinkKey | undefined; readonly limit: number }

export type LinkKey = { readonly repositoryId: number; readonly digest: Digest }

/** `linkedAt`: see PushedBlob. */
export type Link = {
  readonly repository: Repository
  readonly digest: Digest
  readonly linkedAt: number
}

export type UnlinkedPage = {
  readonly unlinked: readonly Link[]
  /** Undefined at the end. */
  readonly next: LinkKey | undefined
}

export type UnownedPage = { readonly after?: Digest | undefined; readonly limit: number }

export type UnownedList = {
  readonly unowned: readonly Digest[]
  /** Undefined at the end. */
  readonly next: Digest | undefined
}

export type UnownedBlob = { readonly digest: Digest; readonly sizeBytes: number }
