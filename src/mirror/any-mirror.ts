import type { Digest } from '../oci/digest.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { RepositoriesPage } from '../store/metadata-store.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { BlobPull } from './blob-pull.ts'
import type { BlobHead } from './blobs.ts'
import type { Listing, ReferrersPage } from './listings.ts'
import type { ManifestPull, Method } from './manifests.ts'
import type { RequestedName } from './resolve-source.ts'
import type { WantedWarming, Warmed } from './warming.ts'

/** Something that was served without the mirror, by its leave. */
export type Served = {
  readonly kind: 'image' | 'blob'
  readonly source: Source
  readonly digest: Digest
}

export type OfflineState = {
  /** Whether no upstream is asked. */
  readonly isOffline: boolean
  /** Whether mirrors.yaml says so, whatever is switched. */
  readonly isConfigured: boolean
}

/** Blobs that are on their way into the store. */
export type FetchState = {
  readonly underWay: number
  /** Clients that read along. */
  readonly followers: number
  /** Of theirs. */
  readonly writtenBytes: number
}

/**
 * What can be asked of the mirror, from the thread it lives in or from another. All methods throw
 * RegistryError for whatever a client is to be told.
 */
export interface AnyMirror {
  /** Grows with every change of the configuration, by which `resolve` judges. */
  readonly generation: number
  resolve(requested: RequestedName): Source
  resolveUpstream(requested: Pick<RequestedName, 'view' | 'ns'>): UpstreamName | undefined
  pullManifest(source: Source, reference: Reference, method: Method): Promise<ManifestPull>
  headBlob(source: Source, digest: Digest): Promise<BlobHead>
  /** The caller closes the pull. Reading may throw: then what was sent must not look whole. */
  pullBlob(source: Source, digest: Digest): Promise<BlobPull>
  noteServed(served: Served): void
  /** In byte order. */
  listTags(source: Source, page: Page): Promise<Listing<string>>
  /**
   * Descriptors; what an upstream has comes whole, whatever the page. One without the referrers API
   * gives 404, and clients then look for the fallback tag.
   */
  listReferrers(source: Source, subject: Digest, page: ReferrersPage): Promise<Listing<unknown>>
  /** Repositories of which an image is kept, in byte order. */
  listRepositories(page: RepositoriesPage): Promise<Part<Source>>
  /**
   * Begins to fetch all of an image that isn't kept, or says what that is; see Warming. Only the former
   * asks an upstream.
   */
  warm(source: Source, wanted: WantedWarming): Promise<Warmed>
  /** How each upstream does. */
  describeUpstreams(): Promise<readonly UpstreamState[]>
  describeOffline(): Promise<OfflineState>
  /**
   * Holds after a restart too. A transfer that is under way comes to its end. Throws RegistryError
   * UNAVAILABLE where it can't be written down, and then nothing has changed.
   */
  switchOffline(isOn: boolean): Promise<void>
}
