import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, type Source, unknownOrigin } from '../oci/source.ts'
import type { MetadataStore } from '../store/metadata-store.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError, type UpstreamErrorKind } from '../upstream/upstream-error.ts'
import type { Sources } from './sources.ts'

const maxKnown = 50_000
type Known = {
  readonly sizeBytes: number
  /** Those that have it, as `formatSource` writes them. */
  readonly repositories: Set<string>
}

/** A base image's layer may be in thousands; beyond this the database is asked. */
const maxRepositories = 100
/** Upstream hasn't said a thing of the blob then. */
const silentKinds: ReadonlySet<UpstreamErrorKind> = new Set(['limited', 'unavailable', 'offline'])

/**
 * Whether a repository may be asked for a blob. Knowing a digest isn't enough: the upstream must
 * serve it from that repository, as it said itself or in a manifest that is kept. While upstream
 * can't be asked, less is enough: see proveIfPossible.
 */
export class BlobAccess {
  readonly #metadata: MetadataStore
  readonly #sources: Pick<Sources, 'isPrivate' | 'takesWord'>
  readonly #known = new LRUCache<Digest, Known>(atMost(maxKnown))

  constructor(metadata: MetadataStore, sources: Pick<Sources, 'isPrivate' | 'takesWord'>) {
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
    // Not every registry looks whether a repository has what its manifests name: layers with `urls`, and
    // the parts of an index, may be another's. There the word of upstream is wanted for each.
    const isLinked = this.#sources.isPrivate(source.upstream)
      ? await this.#metadata.hasBlobLink(source, digest)
      : await this.#metadata.isBlobLinked(source, digest)
    if (isLinked) await this.#remember(source, digest)
    return isLinked
  }

  /**
   * Whether a kept file of `sizeBytes` can be this blob. One that was cut short, by a failing disk
   * or by hand, must not be served as whole; one without a record may be.
   */
  async isWhole(digest: Digest, sizeBytes: number): Promise<boolean> {
    const recorded = await this.findRecordedSize(digest)
    return recorded === undefined || recorded === sizeBytes
  }

  /** Undefined where nothing is recorded of it. */
  async findRecordedSize(digest: Digest): Promise<number | undefined> {
    return this.#known.get(digest)?.sizeBytes ?? (await this.#findSize(digest))
  }

  /**
   * Whether upstream's word opens what is kept under the digest, be it a blob or a manifest; else it must
   * send the bytes: see Sources.takesWord.
   */
  async takesWord({ upstream }: Source, digest: Digest): Promise<boolean> {
    const { origin = unknownOrigin } = (await this.#metadata.findBlob(digest)) ?? {}
    return this.#sources.takesWord(upstream, origin)
  }

  /** Whether upstream needn't send the bytes of what is kept: it has, or its word is enough. Throws as `isKnown` does. */
  async mayShow(source: Source, digest: Digest): Promise<boolean> {
    return (await this.takesWord(source, digest)) || this.isKnown(source, digest)
  }

  /** Asks upstream whether the repository has it, and remembers a yes. Throws UpstreamError. */
  async prove(source: Source, digest: Digest, upstream: Upstream): Promise<void> {
    await upstream.headBlob(source.repository, digest)
    await this.#metadata.linkBlob(source, digest)
  }

  /**
   * The same for a kept blob. Where upstream can't be asked, the word of a manifest that is kept for
   * the repository is enough, for now, for what anybody may pull where it came from. Says whether
   * upstream gave its word.
   */
  async proveIfPossible(source: Source, digest: Digest, upstream: Upstream): Promise<boolean> {
    try {
      await this.prove(source, digest, upstream)
      return true
    } catch (error) {
      const canTell = !(error instanceof UpstreamError && silentKinds.has(error.kind))
      if (canTell || !(await this.#isNamedForAll(source, digest))) throw error
      return false
    }
  }

  async #isNamedForAll(source: Source, digest: Digest): Promise<boolean> {
    const origin = await this.#metadata.findNamedOrigin(source, digest)
    return origin !== undefined && !this.#sources.isPrivate(origin)
  }

  /** The configuration is another: what anybody might see may be private by now. */
  forgetAll(): void {
    this.#known.clear()
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
