import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { NewManifest } from '../hosted/hosted-manifests.ts'
import type { UploadState } from '../hosted/uploads.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'

/** A hold on an upload that the main thread has in the name of a serving one. */
export type PlainWriter = UploadState & { readonly writerId: number }

/** What a serving thread may call in the main thread, where all is written. */
export type HostedCalls = {
  beginUpload(repository: Repository, client: string): Promise<PlainWriter>
  resumeUpload(repository: Repository, id: string, start?: number): Promise<PlainWriter>
  describeUpload(repository: Repository, id: string): Promise<UploadState>
  /** Gives how many bytes the upload has then. */
  appendUpload(writerId: number, chunks: readonly Uint8Array[]): Promise<number>
  finishUpload(writerId: number, digest: Digest): Promise<void>
  cancelUpload(writerId: number): Promise<void>
  closeUpload(writerId: number): Promise<void>
  mountBlob(repository: Repository, digest: Digest, from?: Repository): Promise<boolean>
  pushManifest(repository: Repository, pushed: NewManifest): ReturnType<AnyHosted['pushManifest']>
  removeManifest(repository: Repository, reference: Reference): Promise<void>
  removeBlob(repository: Repository, digest: Digest): Promise<void>
  removeVersion: AnyHosted['removeVersion']
  removeRepository: AnyHosted['removeRepository']
  planRemoval: AnyHosted['planRemoval']
  tagHosted: AnyHosted['tag']
  prune: AnyHosted['prune']
  copy: AnyHosted['copy']
  planCopy: AnyHosted['planCopy']
  free: AnyHosted['free']
}
