import type { Digest } from '../oci/digest.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { NewImage } from './metadata-store.ts'

/**
 * What was pushed here, by repository. Every write but an announcement is on the disk when it resolves,
 * whole or not at all: what it stands for is then acknowledged.
 */
export interface HostedRecords {
  /** Whether an image was pushed to it: it stays hosted without one, until it is removed as a whole. */
  isHosted(repository: Repository): Promise<boolean>
  /**
   * Before its file is finished: should the process end before anything points to it, it can be found
   * as what nobody owns.
   */
  announceBlob(blob: LinkedBlob, at: number): Promise<void>
  /** From now on the repository has these blobs; of one that it has already, `at` is the new time. */
  linkPushed(repository: Repository, blobs: readonly LinkedBlob[], at: number): Promise<void>
  /** Of a blob that the repository has. Knowing a digest opens no other repository. */
  findPushedBlob(repository: Repository, digest: Digest): Promise<PushedBlob | undefined>
  /** False if the repository didn't have it. */
  unlinkPushed(repository: Repository, digest: Digest): Promise<boolean>
  /** Which of these the repository hasn't got, or has at another size. */
  findLacking(repository: Repository, needs: readonly Need[]): Promise<readonly Lack[]>
  /**
   * From now on the repository has the image, and under these tags, whatever they pointed to before. Or
   * nothing changes, and it says why.
   */
  recordPushed(repository: Repository, push: Push): Promise<Refusal | undefined>
  findPushed(repository: Repository, digest: Digest): Promise<PushedRecord | undefined>
  /** Takes its tags along, and says which. Undefined if it wasn't there. */
  removePushed(repository: Repository, digest: Digest): Promise<readonly Tag[] | undefined>
  findPushedTag(repository: Repository, tag: Tag): Promise<Digest | undefined>
  /** False if the tag wasn't there. The image stays. */
  removePushedTag(repository: Repository, tag: Tag): Promise<boolean>
  /** All that point to the image. */
  listPushedTagsOf(repository: Repository, digest: Digest): Promise<readonly Tag[]>
  /**
   * Takes away those of the tags that still point to the image, and, unless another does or an index
   * of the repository lists it, the image with what then stands for nothing: what it lists, if it is
   * an index, and what refers to it. Of a version that was listed, what was pushed again since stays.
   */
  removeVersion(repository: Repository, version: Version): Promise<RemovedVersion>
  /** What that would take away, or for `everything` what `removeRepository` would; nothing is changed. */
  planRemoval(
    repository: Repository,
    what: Version | 'everything',
  ): Promise<PlannedRemoval | undefined>
  /**
   * From now on the tag points to an image that the repository has, whatever it pointed to before, which
   * it says. Undefined, and nothing changes, where the image isn't there.
   */
  tagPushed(repository: Repository, tagging: Tagging): Promise<Tagged | undefined>
  /** Takes away all that it has; it is hosted no more. Undefined if it wasn't. */
  removeRepository(repository: Repository): Promise<RemovedVersion | undefined>
  /** What stands by itself, with and without tags, and in no index. */
  listVersions(repository: Repository): Promise<readonly DatedVersion[]>
  /** Repositories that have an image, in byte order. */
  listHosted(page: Page): Promise<readonly Repository[]>
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

/** `linkedAt`: when it was pushed last, or promised to who asked before a push. */
export type PushedBlob = { readonly sizeBytes: number; readonly linkedAt: number }

/** What must be there before a manifest may be; in an index a descriptor of another type may be either. */
export type Need = LinkedBlob & { readonly as: 'blob' | 'manifest' | 'either' }

/** `foundBytes`: how large it is, where it is there. */
export type Lack = { readonly digest: Digest; readonly foundBytes: number | undefined }

export type Push = {
  readonly image: PushedImage
  readonly tags: readonly Tag[]
  readonly needs: readonly Need[]
  /** Those of the tags that must not move once they point to something. */
  readonly fixedTags: readonly Tag[]
}

export type Refusal =
  | { readonly lacking: readonly Lack[] }
  /** Where it points to. */
  | { readonly fixedTag: Tag; readonly digest: Digest }

export type Version = {
  readonly digest: Digest
  readonly tags: readonly Tag[]
  /**
   * What `listVersions` said of it, asked for at `listedAt`: what was pushed again since stays, and so
   * does what it lists that was pushed after it. Without it, it goes whenever it was pushed.
   */
  readonly listed?: (DatedVersion & { readonly listedAt: number }) | undefined
}

export type RemovedVersion = { readonly tags: readonly Tag[]; readonly images: readonly Digest[] }

/** `freedBytes`: what nobody needs then. `sharedBytes`: what others still need of what goes. */
export type PlannedRemoval = RemovedVersion & {
  readonly freedBytes: number
  readonly sharedBytes: number
}

export type Tagging = {
  readonly digest: Digest
  readonly tag: Tag
  /** Whether it must not move once it points to something. */
  readonly isFixed: boolean
  readonly at: number
}

/** To what the tag pointed before; where it is fixed and pointed to something else, it still does. */
export type Tagged = { readonly before: Digest | undefined }

/** `pushedAt`: when it was pushed last. */
export type DatedVersion = {
  readonly digest: Digest
  readonly pushedAt: number
  readonly tags: readonly { readonly tag: Tag; readonly pushedAt: number }[]
}

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
