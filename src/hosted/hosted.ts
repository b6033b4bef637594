import type { Config } from '../config/config.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Leases } from '../mirror/leases.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Stores } from '../store/open-stores.ts'
import type { AnyHosted } from './any-hosted.ts'
import { HostedFirst } from './hosted-first.ts'
import { HostedLists } from './hosted-lists.ts'
import { HostedManifests, type NewManifest, type TakenManifest } from './hosted-manifests.ts'
import { HostedNames } from './hosted-names.ts'
import { HostedPulls, missing, tagLeaseKey } from './hosted-pulls.ts'
import { OpenUploads } from './open-uploads.ts'
import { type RequestedName, resolveOwn } from './own-name.ts'
import { type UploadState, Uploads, type UploadWriter } from './uploads.ts'

type Settings = {
  /** As they are: what is acknowledged here exists nowhere else. */
  readonly stores: Stores
  readonly config: Config
  readonly leases: Leases
  /** Takes back all leases, in all threads. */
  readonly revokeAll: () => void
  /** Resolves when every thread knows what was taken back by now. */
  readonly revoked: () => Promise<void>
  readonly now: () => number
  /** Hears of failures that no client waits for. */
  readonly onError: (error: unknown, what: string) => void
}

/**
 * The room of the private registry: what is pushed here, who has it, and what is taken away again. It
 * knows nothing of upstreams. What was acknowledged holds at once, for every client of every thread.
 */
export class Hosted implements AnyHosted {
  readonly #settings: Settings
  readonly #open: OpenUploads
  readonly #uploads: Uploads
  readonly #manifests: HostedManifests
  readonly #names: HostedNames
  #config: Config

  constructor(settings: Settings) {
    const { stores, config, now, onError } = settings
    const { blobs, hosted: records, uploads } = stores
    this.#settings = settings
    this.#config = config
    this.#open = new OpenUploads({ uploads, onError })
    this.#uploads = new Uploads({ open: this.#open, records, now })
    this.#manifests = new HostedManifests({ blobs, records, now })
    this.#names = new HostedNames(records)
  }

  /** Takes up a changed configuration; what is under way goes on. */
  configure(config: Config): void {
    this.#config = config
  }

  /** What answers pulls: this, where it has the repository, else the mirror. */
  before(mirror: AnyMirror): AnyMirror {
    const { stores, leases, now } = this.#settings
    const pulls = new HostedPulls({ stores, leases, now })
    return new HostedFirst({
      mirror,
      names: this.#names,
      pulls,
      lists: new HostedLists(stores.hosted),
    })
  }

  resolveOwn(requested: RequestedName): Repository {
    return resolveOwn(requested, this.#config)
  }

  beginUpload(repository: Repository): Promise<UploadWriter> {
    return this.#uploads.begin(repository)
  }

  resumeUpload(repository: Repository, id: string, start?: number): Promise<UploadWriter> {
    return this.#uploads.resume(repository, id, start)
  }

  describeUpload(repository: Repository, id: string): Promise<UploadState> {
    return this.#uploads.describe(repository, id)
  }

  async mountBlob(repository: Repository, digest: Digest, from: Repository): Promise<boolean> {
    const { stores, now } = this.#settings
    const sizeBytes = await stores.hosted.findPushedBlob(from, digest)
    if (sizeBytes === undefined || (await stores.blobs.find(digest)) === undefined) return false
    await stores.hosted.linkPushed(repository, [{ digest, sizeBytes }], now())
    return true
  }

  async pushManifest(repository: Repository, pushed: NewManifest): Promise<TakenManifest> {
    const isNew = !(await this.#names.has(repository))
    const taken = await this.#manifests.push(repository, pushed)
    const { reference } = pushed
    const tags = isDigest(reference) ? pushed.tags : [reference, ...pushed.tags]
    // Until now the name was the default upstream's, and so are answers that are remembered.
    if (isNew) this.#settings.revokeAll()
    await this.#changed(repository, { tags })
    return taken
  }

  async removeManifest(repository: Repository, reference: Reference): Promise<void> {
    const { hosted } = this.#settings.stores
    const tags = isDigest(reference)
      ? await hosted.removePushed(repository, reference)
      : (await hosted.removePushedTag(repository, reference)) && [reference]
    if (!tags) throw missing('MANIFEST_UNKNOWN', repository, reference)
    await this.#changed(repository, { tags, ...(isDigest(reference) && { digest: reference }) })
  }

  async removeBlob(repository: Repository, digest: Digest): Promise<void> {
    const wasThere = await this.#settings.stores.hosted.unlinkPushed(repository, digest)
    if (!wasThere) throw missing('BLOB_UNKNOWN', repository, digest)
    await this.#changed(repository, { tags: [], digest })
  }

  /** Every upload must have been given back. */
  close(): Promise<void> {
    return this.#open.close()
  }

  async #changed(
    repository: Repository,
    { tags, digest }: { tags: readonly Tag[]; digest?: Digest },
  ): Promise<void> {
    const { leases, revoked } = this.#settings
    this.#names.forget(repository)
    if (digest) leases.revoke(digest)
    for (const tag of tags) leases.revoke(tagLeaseKey(repository, tag))
    await revoked()
  }
}
