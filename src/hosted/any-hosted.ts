import type { RetentionRule } from '../config/config.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Source } from '../oci/source.ts'
import type { Freed } from '../store/unowned-records.ts'
import type { Copied, Copy, PlannedCopy } from './copies.ts'
import type { NewManifest, TakenManifest } from './hosted-manifests.ts'
import type { RequestedName } from './own-name.ts'
import type { PlannedRemovals, Pruned, Removed } from './removals.ts'
import type { TagMoved, WantedTag } from './tagging.ts'
import type { UploadState, UploadWriter } from './uploads.ts'

export type PushTaken = TakenManifest & {
  /** What who names no upstream got under this name until now. */
  readonly shadows?: Source
}

/**
 * What can be asked of the private registry, from the thread it lives in or from another. All methods
 * throw RegistryError for whatever a client is to be told.
 */
export interface AnyHosted {
  /** Which repository a push, or a removal, is for: see resolveOwn. */
  resolveOwn(requested: RequestedName): Repository
  /** `client` is whom it counts for: see UploadPlaces. */
  beginUpload(repository: Repository, client: string): Promise<UploadWriter>
  resumeUpload(repository: Repository, id: string, start?: number): Promise<UploadWriter>
  describeUpload(repository: Repository, id: string): Promise<UploadState>
  /** False if it must be uploaded: see HostedBlobs. */
  mountBlob(repository: Repository, digest: Digest, from?: Repository): Promise<boolean>
  pushManifest(repository: Repository, pushed: NewManifest): Promise<PushTaken>
  /** By digest, with all its tags; by tag, only that. */
  removeManifest(repository: Repository, reference: Reference): Promise<void>
  removeBlob(repository: Repository, digest: Digest): Promise<void>
  /** See Removals, as for the two below. */
  removeVersion(repository: Repository, reference: Reference): Promise<Removed>
  removeRepository(repository: Repository): Promise<Removed>
  /** What one of these would take away; without a reference, the second. */
  planRemoval(repository: Repository, reference: Reference | undefined): Promise<PlannedRemovals>
  /** See tagImage. */
  tag(repository: Repository, wanted: WantedTag): Promise<TagMoved>
  /** Without rules, by those of mirrors.yaml. */
  prune(
    rules: readonly RetentionRule[] | undefined,
    options: { isDryRun: boolean },
  ): Promise<readonly Pruned[]>
  /** How many rules of retention mirrors.yaml has. */
  countRules(): number
  /** See Copies. */
  copy(copy: Copy): Promise<Copied>
  planCopy(copy: Copy): Promise<PlannedCopy>
  /** Frees what nobody needs any more, now. */
  free(): Promise<Freed>
}
