import type { Config } from '../config/config.ts'
import type { ThreadVitals } from '../metrics/thread-watch.ts'
import type { AnyMirror, OfflineState, Served } from '../mirror/any-mirror.ts'
import type { BlobHead } from '../mirror/blobs.ts'
import type { CacheOutcome } from '../mirror/cache-outcome.ts'
import type { Freshness } from '../mirror/lease.ts'
import type { Listing, ReferrersPage } from '../mirror/listings.ts'
import type { ManifestPull, Method } from '../mirror/manifests.ts'
import type { ByteRange } from '../oci/byte-range.ts'
import type { Digest } from '../oci/digest.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { WrittenPlace } from '../store/blob-store.ts'
import type { RepositoriesPage } from '../store/metadata-store.ts'
import type { Tallied } from '../traffic/tally.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { HostedCalls } from './hosted-calls.ts'
import type { PlainError } from './plain-error.ts'
import type { AdministrationCalls } from './remote-administration.ts'
import type { AdviceCalls } from './remote-advice.ts'
import type { AuditCalls } from './remote-audit.ts'
import type { BudgetCalls } from './remote-budget.ts'
import type { CatalogCalls } from './remote-catalog.ts'
import type { ChronicleCalls } from './remote-chronicle.ts'
import type { EventCalls } from './remote-events.ts'
import type { LoginCalls } from './remote-logins.ts'
import type { MetricsCalls } from './remote-metrics.ts'
import type { ReportCalls } from './remote-reports.ts'
import type { SpaceCalls } from './remote-space.ts'

/** A lease as it crosses to another thread. */
export type PlainLease = { readonly key: string; readonly freshness: Freshness | undefined }

export type PlainManifest = Omit<ManifestPull, 'bytes' | 'lease'> & {
  readonly bytes: Uint8Array | undefined
  readonly lease: PlainLease | undefined
}

/** A kept blob is read by whoever asked; any other is read by the main thread, in its name. */
export type PlainBlob =
  /** Taken away in the moment in which it was found: to be asked for again. */
  | { readonly kind: 'again' }
  | {
      readonly kind: 'kept'
      readonly sizeBytes: number
      readonly cache: CacheOutcome
      readonly lease: PlainLease
    }
  | {
      readonly kind: 'remote'
      readonly id: number
      readonly sizeBytes: number
      readonly cache: CacheOutcome
    }

export type PlainReader = {
  readonly readerId: number
  readonly cache: CacheOutcome
  /** Where what is growing is written. */
  readonly place: WrittenPlace | undefined
}

export type PlainView = {
  /** How many bytes from the beginning may be read by now. */
  readonly availableBytes: number
  /** Where some of it lies in memory, until the next call for the same reader. */
  readonly memory: SharedPlace | undefined
}

/** Where something lies in memory that all threads see. */
export type SharedPlace = {
  readonly buffer: SharedArrayBuffer
  readonly offset: number
  readonly length: number
}

/** What a serving thread may call in the main thread, where the mirror is. */
export type MainCalls = HostedCalls &
  CatalogCalls &
  SpaceCalls &
  EventCalls &
  ReportCalls &
  AdviceCalls &
  LoginCalls &
  AuditCalls &
  AdministrationCalls &
  MetricsCalls &
  ChronicleCalls &
  BudgetCalls & {
    /** From now on the thread takes connections. */
    noteListening(): void
    pullManifest(source: Source, reference: Reference, method: Method): Promise<PlainManifest>
    headBlob(source: Source, digest: Digest): Promise<BlobHead>
    pullBlob(source: Source, digest: Digest): Promise<PlainBlob>
    openRange(pullId: number, range: ByteRange, isOnly: boolean): Promise<PlainReader>
    /** So many bytes at most. */
    read(readerId: number, length: number, position: number): Promise<Uint8Array>
    /** Only of what is growing, once there is anything to read at `position`. */
    view(readerId: number, position: number): Promise<PlainView>
    closeReader(readerId: number): Promise<void>
    closePull(pullId: number): Promise<void>
    /** A kept blob couldn't be read. */
    doubtBlob(digest: Digest, error: PlainError): void
    noteServed(served: readonly Served[]): void
    noteTraffic(tallied: Tallied): void
    listTags(source: Source, page: Page): Promise<Listing<string>>
    listReferrers(source: Source, subject: Digest, page: ReferrersPage): Promise<Listing<unknown>>
    listRepositories(page: RepositoriesPage): Promise<Part<Source>>
    warm: AnyMirror['warm']
    describeUpstreams(): Promise<readonly UpstreamState[]>
    describeOffline(): Promise<OfflineState>
    switchOffline(isOn: boolean): Promise<void>
    findFault(): Promise<string | undefined>
    /** Whole lines of the log, as JSON. */
    writeLog(lines: string): void
  }

/** What the main thread may call in a serving thread. */
export type ServingCalls = {
  configure(config: Config): void
  revoke(key: string): void
  revokeAll(): void
  /** Users, tokens or keys have changed; whether anybody can log in. */
  noteLogins(exist: boolean): void
  describeThread(): Promise<ThreadVitals>
  /** Answers once it has done what it was told before. */
  acknowledge(): void
  /** Lets running pulls come to their end for so long. */
  stop(graceMs: number): Promise<void>
}
