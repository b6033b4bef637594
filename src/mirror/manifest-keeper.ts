import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import { type Manifest, parseManifest } from '../oci/manifest.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { putBlob, readBlob } from '../store/put-blob.ts'

export type KeptManifest = {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
}

type Settings = {
  readonly stores: Stores
  readonly now: () => number
  readonly onKept: (digest: Digest) => void
}

type NewManifest = { readonly digest: Digest; readonly bytes: Buffer; readonly manifest: Manifest }

const maxMemoryBytes = 16 * 1024 * 1024
const maxKnownImages = 50_000

/** Manifests that are kept, the hot ones in memory: finding them, and keeping new ones. */
export class ManifestKeeper {
  readonly #stores: Stores
  readonly #now: () => number
  readonly #onKept: (digest: Digest) => void
  readonly #contents = new LRUCache<Digest, KeptManifest>({
    maxSize: maxMemoryBytes,
    sizeCalculation: (kept) => kept.bytes.length + 1024,
  })
  readonly #images = new LRUCache<string, true>({ max: maxKnownImages })

  constructor({ stores, now, onKept }: Settings) {
    this.#stores = stores
    this.#now = now
    this.#onKept = onKept
  }

  /** A manifest that this repository is known to have. */
  async find(source: Source, digest: Digest): Promise<KeptManifest | undefined> {
    const key = imageKey(source, digest)
    if (!this.#images.has(key)) {
      if (!(await this.#stores.metadata.findImage(source, digest))) return undefined
      this.#images.set(key, true)
    }
    return this.findContent(digest)
  }

  /** A manifest that is kept, whatever repository it came from. */
  async findContent(digest: Digest): Promise<KeptManifest | undefined> {
    const hot = this.#contents.get(digest)
    if (hot) return hot
    const record = await this.#stores.metadata.findManifest(digest)
    const bytes = record && (await readBlob(this.#stores.blobs, digest))
    if (!bytes) return undefined
    const kept = { digest, mediaType: record.mediaType, bytes }
    this.#contents.set(digest, kept)
    return kept
  }

  /** Puts it on disk and notes that the repository has it. */
  async keep(source: Source, fetched: NewManifest): Promise<KeptManifest> {
    const { digest, bytes, manifest } = fetched
    await this.#put(digest, bytes)
    await this.#record(source, fetched)
    this.#onKept(digest)
    const kept = { digest, mediaType: manifest.mediaType, bytes }
    this.#contents.set(digest, kept)
    return kept
  }

  /** Notes that another repository has a manifest that is kept. */
  async link(source: Source, kept: KeptManifest): Promise<void> {
    await this.#record(source, { ...kept, manifest: parseManifest(kept.bytes, kept.mediaType) })
  }

  async #put(digest: Digest, bytes: Buffer): Promise<void> {
    const sizeBytes = await this.#stores.blobs.find(digest)
    if (sizeBytes !== bytes.length) await putBlob(this.#stores.blobs, digest, bytes)
  }

  async #record(source: Source, { digest, bytes, manifest }: NewManifest): Promise<void> {
    await this.#stores.metadata.recordImage(source, {
      ...manifest,
      digest,
      sizeBytes: bytes.length,
      firstFetchedAt: this.#now(),
    })
    this.#images.set(imageKey(source, digest), true)
  }
}

function imageKey(source: Source, digest: Digest): string {
  return `${formatSource(source)}@${digest}`
}
