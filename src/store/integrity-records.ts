import type { Digest } from '../oci/digest.ts'
import type { RecognisedManifest } from '../oci/recognise-manifest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Source } from '../oci/source.ts'

/** What is recorded of blobs, to be held against their files, and when those were last found right. */
export interface IntegrityRecords {
  /** Sizes, of those that are recorded. */
  findRecorded(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, number>>
  /** In the order of their digests. */
  listRecorded(page: RecordedPage): Promise<readonly RecordedBlob[]>
  /**
   * Those that were found right, or kept, before that time: the longest ago first. Then those after
   * `now`, which a clock said that was wrong.
   */
  listDue(due: {
    readonly before: number
    readonly now: number
    readonly limit: number
  }): Promise<readonly RecordedBlob[]>
  /** They were read at that time. Those that aren't recorded are passed over. */
  noteVerified(digests: readonly Digest[], at: number): Promise<void>
  /** Of files that are right: those without a record get one, and their origin is unknown; of others only the size is put right. */
  recordFound(found: readonly FoundBlob[]): Promise<void>
  /** What needs the blob, as far as a look at some hundreds tells. */
  findOwners(digest: Digest): Promise<Owners>
  /** Forgets a blob, and what it said as a manifest. False if something that was pushed needs it: then it stays. */
  forgetMirrored(digest: Digest): Promise<boolean>
  /** How much is recorded, of all origins. */
  measureRecorded(): Promise<{ readonly blobs: number; readonly bytes: number }>
}

export type RecordedPage = { readonly after?: Digest | undefined; readonly limit: number }

export type RecordedBlob = { readonly digest: Digest; readonly sizeBytes: number }

export type FoundBlob = RecordedBlob & {
  readonly writtenAt: number
  readonly verifiedAt: number
  /** Where its content is one. */
  readonly manifest: RecognisedManifest | undefined
}

export type Owners = {
  /** Images that it is, or is a part of: those with tags first. */
  readonly images: readonly Owner[]
  /** Repositories at upstreams that have or had it, the surest first. */
  readonly sources: readonly Source[]
  /** Repositories that it was pushed to. */
  readonly hosted: readonly Repository[]
  readonly isManifest: boolean
}

export type Owner = {
  readonly source: Source
  readonly digest: Digest
  readonly tag: Tag | undefined
}
