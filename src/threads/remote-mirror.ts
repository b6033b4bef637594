import type { Config } from '../config/config.ts'
import type { AnyMirror, OfflineState, Served } from '../mirror/any-mirror.ts'
import type { BlobPull } from '../mirror/blob-pull.ts'
import type { BlobHead } from '../mirror/blobs.ts'
import type { Lease } from '../mirror/lease.ts'
import { Leases } from '../mirror/leases.ts'
import type { Listing, ReferrersPage } from '../mirror/listings.ts'
import type { ManifestPull, Method } from '../mirror/manifests.ts'
import { type RequestedName, resolveSource, resolveUpstream } from '../mirror/resolve-source.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobSource } from '../store/blob-store.ts'
import type { RepositoriesPage } from '../store/metadata-store.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { Calls } from './calls.ts'
import { LeasedBlobs } from './leased-blobs.ts'
import type { MainCalls, PlainLease } from './main-calls.ts'
import { ServedNotes } from './served-notes.ts'

type Settings = {
  readonly calls: Calls<MainCalls>
  readonly blobs: BlobSource
  readonly config: Config
  readonly now: () => number
}

/**
 * The mirror as a serving thread has it: what it has leave to serve it serves by itself, from the
 * same files; all else it asks of the main thread.
 */
export class RemoteMirror implements AnyMirror {
  readonly #settings: Settings
  readonly #calls: Calls<MainCalls>
  readonly #leases = new Leases()
  readonly #notes: ServedNotes
  readonly #blobs: LeasedBlobs
  #config: Config
  #generation = 0

  constructor(settings: Settings) {
    const { calls, blobs, config, now } = settings
    this.#settings = settings
    this.#calls = calls
    this.#config = config
    this.#notes = new ServedNotes((served) => calls.tell('noteServed', served))
    const grant = (lease: PlainLease) => this.#grant(lease)
    const noteServed = (served: Served) => this.noteServed(served)
    const revoke = (digest: Digest) => this.#leases.revoke(digest)
    this.#blobs = new LeasedBlobs({ calls, blobs, grant, revoke, noteServed, now })
  }

  get generation(): number {
    return this.#generation
  }

  /** Takes up a changed configuration. */
  configure(config: Config): void {
    this.#generation++
    this.#config = config
    this.#leases.revokeAll()
  }

  /** Nothing may be served any more without asking. */
  revokeAll(): void {
    this.#leases.revokeAll()
  }

  /** What is about `key` may not be served any more without asking. */
  revoke(key: string): void {
    this.#leases.revoke(key)
    if (isDigest(key)) this.#settings.blobs.forget(key)
  }

  resolve(requested: RequestedName): Source {
    return resolveSource(requested, this.#config)
  }

  resolveUpstream(requested: Pick<RequestedName, 'view' | 'ns'>): UpstreamName | undefined {
    return resolveUpstream(requested, this.#config)
  }

  async pullManifest(source: Source, reference: Reference, method: Method): Promise<ManifestPull> {
    const { bytes, lease, ...pull } = await this.#calls.call(
      'pullManifest',
      source,
      reference,
      method,
    )
    return {
      ...pull,
      ...(bytes && { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) }),
      ...(lease && { lease: this.#grant(lease) }),
    }
  }

  headBlob(source: Source, digest: Digest): Promise<BlobHead> {
    return this.#calls.call('headBlob', source, digest)
  }

  pullBlob(source: Source, digest: Digest): Promise<BlobPull> {
    return this.#blobs.pull(source, digest)
  }

  noteServed(served: Served): void {
    this.#notes.add(served)
  }

  listTags(source: Source, page: Page): Promise<Listing<string>> {
    return this.#calls.call('listTags', source, page)
  }

  listReferrers(source: Source, subject: Digest, page: ReferrersPage): Promise<Listing<unknown>> {
    return this.#calls.call('listReferrers', source, subject, page)
  }

  listRepositories(page: RepositoriesPage): Promise<Part<Source>> {
    return this.#calls.call('listRepositories', page)
  }

  warm: AnyMirror['warm'] = (source, wanted) => this.#calls.call('warm', source, wanted)

  describeUpstreams(): Promise<readonly UpstreamState[]> {
    return this.#calls.call('describeUpstreams')
  }

  describeOffline(): Promise<OfflineState> {
    return this.#calls.call('describeOffline')
  }

  switchOffline(isOn: boolean): Promise<void> {
    return this.#calls.call('switchOffline', isOn)
  }

  /** Passes on what is gathered. Every pull must be closed. */
  async close(): Promise<void> {
    this.#notes.close()
    await this.#settings.blobs.close()
  }

  #grant({ key, freshness }: PlainLease): Lease {
    return this.#leases.grant(key, freshness)
  }
}
