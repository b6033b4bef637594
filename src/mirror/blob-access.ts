import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { MetadataStore } from '../store/metadata-store.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { Sources } from './sources.ts'

const maxKnown = 50_000
type Known = {
  readonly sizeBytes: number
  /** Those that have it, as `formatSource` writes them. */
  readonly repositories: Set<string>
}

/** A base image's layer may be in thousands; beyond this the database is asked. */
const maxRepositories = 100

/**
 * Whether a repository may be asked for a blob. Knowing a digest isn't enough: the upstream must
 * serve it from that repository, as it said itself or in a manifest that is kept.
 */
export class BlobAccess {
  readonly #metadata: MetadataStore
  readonly #sources: Pick<Sources, 'isPrivate'>
  readonly #known = new LRUCache<Digest, Known>({ max: maxKnown })

  constructor(metadata: MetadataStore, sources: Pick<Sources, 'isPrivate'>) {
    this.#metadata = metadata
    this.#sources = sources
  }

  /**
   * Throws RegistryError BLOB_UNKNOWN for a manifest's digest: served as a blob without its media
   * type it would poison containerd's store (containerd#13007).
   */
  async isKnown(source: Source, digest: Digest): Promise<boolean> {
    if (this.#known.get(digest)?.repositories.has(formatSource(source))) return true
    if (await this.#metadata.isManifest(source, digest)) {
      const what = `${digest} is a manifest: ask for it under /manifests/`
      throw new RegistryError('BLOB_UNKNOWN', what)
    }
    const isLinked = await this.#metadata.isBlobLinked(source, digest)
    if (isLinked) await this.#remember(source, digest)
    return isLinked
  }

  /**
   * Whether a kept file of `sizeBytes` can be this blob. One that was cut short, by a failing disk
   * or by hand, must not be served as whole; one without a record is as good as its name.
   */
  async isWhole(digest: Digest, sizeBytes: number): Promise<boolean> {
    const recorded = this.#known.get(digest)?.sizeBytes ?? (await this.#findSize(digest))
    return recorded === undefined || recorded === sizeBytes
  }

  /**
   * Asks upstream whether the repository has it, and remembers a yes. Where upstream can't say, a
   * kept manifest's word is enough for what anybody may pull anyway. Throws UpstreamError.
   */
  async prove(source: Source, digest: Digest, upstream: Upstream): Promise<void> {
    try {
      await upstream.headBlob(source.repository, digest)
    } catch (error) {
      const isNo = !(error instanceof UpstreamError && error.isTemporary)
      if (isNo || !(await this.#isNamedForAll(source, digest))) throw error
      return
    }
    await this.#metadata.linkBlob(source, digest)
  }

  async #isNamedForAll(source: Source, digest: Digest): Promise<boolean> {
    const origin = await this.#metadata.findNamedOrigin(source, digest)
    return origin !== undefined && !this.#sources.isPrivate(origin)
  }

  /** What was taken for a blob has turned out to be a manifest. */
  forget(digest: Digest): void {
    this.#known.delete(digest)
  }

  async #remember(source: Source, digest: Digest): Promise<void> {
    const sizeBytes = await this.#findSize(digest)
    if (sizeBytes === undefined) return
    const repositories = this.#known.get(digest)?.repositories ?? new Set()
    if (repositories.size < maxRepositories) repositories.add(formatSource(source))
    this.#known.set(digest, { sizeBytes, repositories })
  }

  async #findSize(digest: Digest): Promise<number | undefined> {
    return (await this.#metadata.findBlob(digest))?.sizeBytes
  }
}
