import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.ts'
import { type Manifest, maxManifestBytes } from '../oci/manifest.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { putBlob, readBlob } from '../store/put-blob.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { Sources } from './sources.ts'

export type KeptManifest = {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
  /** False where the disk didn't take it: then it is served this once, and fetched again. */
  readonly isKept: boolean
}

type Settings = {
  readonly stores: Stores
  readonly now: () => number
  readonly sources: Pick<Sources, 'isPrivate'>
  readonly onKept: (digest: Digest) => void
}

type NewManifest = { readonly digest: Digest; readonly bytes: Buffer; readonly manifest: Manifest }

const maxMemoryBytes = 16 * 1024 * 1024
const maxKnownImages = 50_000

/** Manifests that are kept, the hot ones in memory: finding them, and keeping new ones. */
export class ManifestKeeper {
  readonly #stores: Stores
  readonly #now: () => number
  readonly #sources: Pick<Sources, 'isPrivate'>
  readonly #onKept: (digest: Digest) => void
  readonly #contents = new LRUCache<Digest, Buffer>({
    maxSize: maxMemoryBytes,
    sizeCalculation: (bytes) => bytes.length + 1024,
  })
  /** By repository and digest, the media type: bytes that don't say theirs have their upstream's. */
  readonly #mediaTypes = new LRUCache<string, string>(atMost(maxKnownImages))

  constructor({ stores, now, sources, onKept }: Settings) {
    this.#stores = stores
    this.#now = now
    this.#sources = sources
    this.#onKept = onKept
  }

  /** A manifest that this repository is known to have. */
  async find(source: Source, digest: Digest): Promise<KeptManifest | undefined> {
    const mediaType = await this.#findMediaType(source, digest)
    const bytes = mediaType === undefined ? undefined : await this.#findBytes(digest)
    if (mediaType === undefined || !bytes) return undefined
    return { digest, mediaType, bytes, isKept: true }
  }

  /**
   * The bytes of a manifest that is kept, whatever repository it came from; or of a file of which
   * nothing is known, and which may be one.
   */
  async findElsewhere(digest: Digest): Promise<Buffer | undefined> {
    const mayBeOne =
      (await this.#stores.metadata.isManifestKept(digest)) || (await this.#isUnrecorded(digest))
    return mayBeOne ? this.#findBytes(digest) : undefined
  }

  /** Its file isn't what it was: the next time its bytes come from there, or from upstream. */
  forget(digest: Digest): void {
    this.#contents.delete(digest)
  }

  /** Puts it on disk, if the disk takes it, and notes that the repository has it. */
  async keep(source: Source, kept: NewManifest): Promise<KeptManifest> {
    const { digest, bytes } = kept
    const { mediaType } = kept.manifest
    const isKept = await this.#stores.holds.during(digest, () => this.#record(source, kept))
    if (!isKept) return { digest, mediaType, bytes, isKept }
    this.#onKept(digest)
    this.#mediaTypes.set(imageKey(source, digest), mediaType)
    this.#contents.set(digest, bytes)
    return { digest, mediaType, bytes, isKept }
  }

  /** The repository doesn't have it any more. */
  forgetImage(source: Source, digest: Digest): void {
    this.#mediaTypes.delete(imageKey(source, digest))
    this.#contents.delete(digest)
  }

  /** Between finding its file and recording that it is needed, it must not go. */
  async #record(source: Source, { digest, bytes, manifest }: NewManifest): Promise<boolean> {
    const isKept = await this.#put(digest, bytes)
    const image = { ...manifest, digest, sizeBytes: bytes.length, firstFetchedAt: this.#now() }
    if (isKept) await this.#stores.metadata.recordImage(source, image)
    return isKept
  }

  async #isUnrecorded(digest: Digest): Promise<boolean> {
    const { blobs, metadata } = this.#stores
    const sizeBytes = await blobs.find(digest)
    if (sizeBytes === undefined || sizeBytes > maxManifestBytes) return false
    return (await metadata.findBlob(digest)) === undefined
  }

  async #findMediaType(source: Source, digest: Digest): Promise<string | undefined> {
    const key = imageKey(source, digest)
    const hot = this.#mediaTypes.get(key)
    if (hot !== undefined) return hot
    const { metadata } = this.#stores
    const image = await metadata.findImage(source, digest)
    // As for blobs, that an index lists it opens nothing at a private upstream: see BlobAccess.
    if (image && !image.isOwn && this.#sources.isPrivate(source.upstream)) return undefined
    // From here on it stays for this repository's sake, too.
    if (image && !image.isOwn)
      await metadata.linkImage(source, digest, { mediaType: image.mediaType, at: this.#now() })
    if (image) this.#mediaTypes.set(key, image.mediaType)
    return image?.mediaType
  }

  async #findBytes(digest: Digest): Promise<Buffer | undefined> {
    const hot = this.#contents.get(digest)
    if (hot) return hot
    const bytes = await readBlob(this.#stores.blobs, digest).catch(undefinedIfDiskFails)
    // Small, and so verified each time it comes from the disk.
    if (!bytes || digestOf(bytes, digestAlgorithm(digest)) !== digest) return undefined
    this.#contents.set(digest, bytes)
    return bytes
  }

  /** Also in place of a file that is damaged. False where the disk doesn't take it. */
  async #put(digest: Digest, bytes: Buffer): Promise<boolean> {
    if (await this.#findBytes(digest)) return true
    try {
      await putBlob(this.#stores.blobs, digest, bytes)
      return true
    } catch (error) {
      if (error instanceof StoreFaultError) return false
      throw error
    }
  }
}

function undefinedIfDiskFails(error: unknown): undefined {
  if (!(error instanceof StoreFaultError)) throw error
}

function imageKey(source: Source, digest: Digest): string {
  return `${formatSource(source)}@${digest}`
}
