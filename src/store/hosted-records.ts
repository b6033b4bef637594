import type { Digest } from '../oci/digest.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { NewImage } from './metadata-store.ts'

/**
 * What was pushed here, by repository. Every write is on the disk when it resolves, whole or not at
 * all: what it stands for is then acknowledged.
 */
export interface HostedRecords {
  /** Whether it has an image. */
  isHosted(repository: Repository): Promise<boolean>
  /** From now on the repository has these blobs; of one that it has already, `at` is the new time. */
  linkPushed(repository: Repository, blobs: readonly LinkedBlob[], at: number): Promise<void>
  /** The size in bytes of a blob that the repository has. Knowing a digest opens no other repository. */
  findPushedBlob(repository: Repository, digest: Digest): Promise<number | undefined>
  /** False if the repository didn't have it. */
  unlinkPushed(repository: Repository, digest: Digest): Promise<boolean>
  /** From now on the repository has the image, and under these tags, whatever they pointed to before. */
  recordPushed(repository: Repository, image: PushedImage, tags: readonly Tag[]): Promise<void>
  findPushed(repository: Repository, digest: Digest): Promise<PushedRecord | undefined>
  /** Takes its tags along, and says which. Undefined if it wasn't there. */
  removePushed(repository: Repository, digest: Digest): Promise<readonly Tag[] | undefined>
  findPushedTag(repository: Repository, tag: Tag): Promise<Digest | undefined>
  /** False if the tag wasn't there. The image stays. */
  removePushedTag(repository: Repository, tag: Tag): Promise<boolean>
  /** In byte order. */
  listPushedTags(repository: Repository, page: Page): Promise<readonly Tag[]>
  /**
   * Images of the repository that name the subject, in the order of their digests: fewer than asked for
   * where they say more of themselves than fits into a manifest, but one at least where there are any.
   */
  listPushedReferrers(
    repository: Repository,
    subject: Digest,
    page: ReferrersPage,
  ): Promise<Part<PushedReferrer>>
}

export type ReferrersPage = Page & { readonly artifactType?: string | undefined }

export type LinkedBlob = { readonly digest: Digest; readonly sizeBytes: number }

export type PushedImage = Omit<NewImage, 'firstFetchedAt'> & {
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly pushedAt: number
}

export type PushedRecord = { readonly mediaType: string; readonly sizeBytes: number }

export type PushedReferrer = PushedRecord & {
  readonly digest: Digest
  readonly artifactType: string | undefined
  readonly annotations: Readonly<Record<string, string>> | undefined
}
