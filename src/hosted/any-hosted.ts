import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { NewManifest, TakenManifest } from './hosted-manifests.ts'
import type { RequestedName } from './own-name.ts'
import type { UploadState, UploadWriter } from './uploads.ts'

/**
 * What can be asked of the private registry, from the thread it lives in or from another. All methods
 * throw RegistryError for whatever a client is to be told.
 */
export interface AnyHosted {
  /** Which repository a push, or a removal, is for: see resolveOwn. */
  resolveOwn(requested: RequestedName): Repository
  beginUpload(repository: Repository): Promise<UploadWriter>
  resumeUpload(repository: Repository, id: string, start?: number): Promise<UploadWriter>
  describeUpload(repository: Repository, id: string): Promise<UploadState>
  /** False if `from` hasn't got it, or may not be read. */
  mountBlob(repository: Repository, digest: Digest, from: Repository): Promise<boolean>
  pushManifest(repository: Repository, pushed: NewManifest): Promise<TakenManifest>
  /** By digest, with all its tags; by tag, only that. */
  removeManifest(repository: Repository, reference: Reference): Promise<void>
  removeBlob(repository: Repository, digest: Digest): Promise<void>
}
