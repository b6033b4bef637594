import type { Served } from '../mirror/any-mirror.ts'
import { type BlobPull, closeAndThrow } from '../mirror/blob-pull.ts'
import type { BlobHead } from '../mirror/blobs.ts'
import type { Lease } from '../mirror/lease.ts'
import type { Leases } from '../mirror/leases.ts'
import type { ManifestPull, Method } from '../mirror/manifests.ts'
import { type Digest, digestAlgorithm, digestOf, isDigest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, ownSource } from '../oci/source.ts'
import type { BlobReader } from '../store/blob-store.ts'
import type { Stores } from '../store/open-stores.ts'
import { readBlob } from '../store/put-blob.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'hosted' | 'accessTimes'>
  readonly leases: Leases
  readonly now: () => number
}

/** What leases of a tag's answers are about. */
export function tagLeaseKey(repository: Repository, tag: Tag): string {
  return `${formatSource(ownSource(repository))}:${tag}`
}

/** Pulls of what was pushed here: only by repositories that have it, and nobody is asked. */
export class HostedPulls {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Throws RegistryError MANIFEST_UNKNOWN; for a HEAD also where it is lost, since who asks so before a
   * push then pushes it again.
   */
  async pullManifest(
    repository: Repository,
    reference: Reference,
    method: Method,
  ): Promise<ManifestPull> {
    const { stores, now } = this.#settings
    const key = isDigest(reference) ? reference : tagLeaseKey(repository, reference)
    const grant = this.#lookUp(key)
    const digest = await this.#findDigest(repository, reference)
    const found = digest && (await stores.hosted.findPushed(repository, digest))
    if (!digest || !found) throw missing('MANIFEST_UNKNOWN', repository, reference)
    const bytes = await this.#readRight(digest)
    if (!bytes && method === 'HEAD') throw missing('MANIFEST_UNKNOWN', repository, reference)
    if (!bytes) throw lost(repository, digest)
    const source = ownSource(repository)
    if (method === 'GET') stores.accessTimes.touchImage(source, digest, now())
    const { mediaType } = found
    const answer = { digest, mediaType, sizeBytes: bytes.length, bytes, source }
    return { ...answer, cache: 'hosted', ...grant() }
  }

  /** Throws RegistryError BLOB_UNKNOWN. */
  async headBlob(repository: Repository, digest: Digest): Promise<BlobHead> {
    const { hosted, blobs } = this.#settings.stores
    const linked = await hosted.findPushedBlob(repository, digest)
    if (!linked) throw missing('BLOB_UNKNOWN', repository, digest)
    const { sizeBytes } = linked
    if ((await blobs.find(digest)) !== sizeBytes) throw lost(repository, digest)
    return { sizeBytes, cache: 'hosted' }
  }

  /** Throws RegistryError BLOB_UNKNOWN. */
  async pullBlob(repository: Repository, digest: Digest): Promise<BlobPull> {
    const { stores, now } = this.#settings
    const grant = this.#lookUp(digest)
    const linked = await stores.hosted.findPushedBlob(repository, digest)
    if (!linked) throw missing('BLOB_UNKNOWN', repository, digest)
    const { sizeBytes } = linked
    const kept = await stores.blobs.open(digest)
    if (kept?.sizeBytes !== sizeBytes) {
      const damage = lost(repository, digest)
      return kept ? closeAndThrow(kept, damage) : Promise.reject(damage)
    }
    stores.accessTimes.touchBlob(digest, now())
    const reader: BlobReader = {
      sizeBytes,
      read: (buffer, position) => kept.read(buffer, position),
      close: async () => {},
    }
    return {
      sizeBytes,
      cache: 'hosted',
      ...grant(),
      openRange: async () => ({ reader, cache: 'hosted' }),
      close: () => kept.close(),
    }
  }

  /** Something was served by a lease. */
  noteServed({ kind, source, digest }: Served): void {
    const { stores, now } = this.#settings
    if (kind === 'image') stores.accessTimes.touchImage(source, digest, now())
    else stores.accessTimes.touchBlob(digest, now())
  }

  /** Small, and so verified each time it comes from the disk. */
  async #readRight(digest: Digest): Promise<Buffer | undefined> {
    const bytes = await readBlob(this.#settings.stores.blobs, digest)
    return bytes && digestOf(bytes, digestAlgorithm(digest)) === digest ? bytes : undefined
  }

  async #findDigest(repository: Repository, reference: Reference): Promise<Digest | undefined> {
    if (isDigest(reference)) return reference
    return this.#settings.stores.hosted.findPushedTag(repository, reference)
  }

  /** Before something is looked up: afterwards it grants a lease, unless what was found may be what was taken back. */
  #lookUp(key: string): () => { readonly lease?: Lease } {
    const { leases } = this.#settings
    const { revokedCount } = leases
    return () => (leases.wasRevoked(key, revokedCount) ? {} : { lease: leases.grant(key) })
  }
}

export function missing(
  code: 'MANIFEST_UNKNOWN' | 'BLOB_UNKNOWN',
  repository: Repository,
  what: string,
): RegistryError {
  const text = `${repository}, which is hosted here, has no ${what}`
  return new RegistryError(code, text, { isHosted: true })
}

/** It was acknowledged, and must be there. */
function lost(repository: Repository, digest: Digest): Error {
  return new Error(
    `${digest} of ${repository}, which was pushed here, is missing or damaged on disk`,
  )
}
