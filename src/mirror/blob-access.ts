import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { MetadataStore } from '../store/metadata-store.ts'
import type { Upstream } from '../upstream/upstream.ts'

const maxKnown = 50_000
/** A base image's layer may be in thousands; beyond this the database is asked. */
const maxRepositories = 100

/**
 * Whether a repository may be asked for a blob. Knowing a digest isn't enough: the upstream must
 * serve it from that repository, as it said itself or in a manifest that is kept.
 */
export class BlobAccess {
  readonly #metadata: MetadataStore
  /** By digest, the repositories that have it. */
  readonly #known = new LRUCache<Digest, Set<string>>({ max: maxKnown })

  constructor(metadata: MetadataStore) {
    this.#metadata = metadata
  }

  /**
   * Throws RegistryError BLOB_UNKNOWN for a manifest's digest: served as a blob without its media
   * type it would poison containerd's store (containerd#13007).
   */
  async isKnown(source: Source, digest: Digest): Promise<boolean> {
    if (this.#known.get(digest)?.has(formatSource(source))) return true
    if (await this.#metadata.isManifest(digest)) {
      throw new RegistryError(
        'BLOB_UNKNOWN',
        `${digest} is a manifest: ask for it under /manifests/`,
      )
    }
    const isLinked = await this.#metadata.isBlobLinked(source, digest)
    if (isLinked) this.#remember(source, digest)
    return isLinked
  }

  /** Asks upstream whether the repository has it, and remembers a yes. Throws UpstreamError. */
  async prove(source: Source, digest: Digest, upstream: Upstream): Promise<void> {
    await upstream.headBlob(source.repository, digest)
    await this.#metadata.linkBlob(source, digest)
  }

  /** What was taken for a blob has turned out to be a manifest. */
  forget(digest: Digest): void {
    this.#known.delete(digest)
  }

  #remember(source: Source, digest: Digest): void {
    const repositories = this.#known.get(digest) ?? new Set()
    if (repositories.size < maxRepositories) repositories.add(formatSource(source))
    this.#known.set(digest, repositories)
  }
}
