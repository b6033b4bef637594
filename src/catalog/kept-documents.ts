import { setImmediate } from 'node:timers/promises'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.ts'
import { type ImageConfig, isImageConfig, readImageConfig } from '../oci/image-config.ts'
import { type ManifestContent, readManifestContent } from '../oci/manifest-content.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { readBlob } from '../store/put-blob.ts'

/** No image's config is as large. */
const maxConfigBytes = 1024 * 1024
/** Some milliseconds of work, as the database answers at once; between two of them requests are served. */
const lookupsAtOnce = 10

/** Manifests and configs that are kept, of repositories that have them: naming a digest opens nothing. */
export class KeptDocuments {
  readonly #stores: Pick<Stores, 'blobs' | 'metadata'>

  #lookups = 0

  constructor(stores: Pick<Stores, 'blobs' | 'metadata'>) {
    this.#stores = stores
  }

  async hasManifest(source: Source, digest: Digest): Promise<boolean> {
    if (++this.#lookups % lookupsAtOnce === 0) await setImmediate()
    return (await this.#stores.metadata.findImage(source, digest)) !== undefined
  }

  /** Undefined if the repository hasn't got it. */
  async readManifest(source: Source, digest: Digest): Promise<ManifestContent | undefined> {
    return (await this.hasManifest(source, digest)) ? this.readKnown(digest) : undefined
  }

  /** Of a repository that is known to have it. */
  async readKnown(digest: Digest): Promise<ManifestContent | undefined> {
    const bytes = await this.readWhole(digest)
    return bytes && readManifestContent(bytes)
  }

  /** The same, as it stands there. */
  async readWhole(digest: Digest): Promise<Buffer | undefined> {
    const bytes = await readBlob(this.#stores.blobs, digest)
    // A file that was damaged must not spoil a whole list.
    return bytes && digestOf(bytes, digestAlgorithm(digest)) === digest ? bytes : undefined
  }

  /** Undefined if the repository hasn't got it, and for what is no image's. */
  async readConfig(source: Source, config: Descriptor): Promise<ImageConfig | undefined> {
    if (!isImageConfig(config.mediaType)) return undefined
    const bytes = await this.readConfigBytes(source, config)
    return bytes && readImageConfig(bytes)
  }

  /** Of whatever config; undefined if the repository hasn't got it, and for what is too large to be one. */
  async readConfigBytes(source: Source, config: Descriptor): Promise<Buffer | undefined> {
    const { digest, sizeBytes } = config
    if (sizeBytes > maxConfigBytes) return undefined
    const { metadata, blobs } = this.#stores
    if (!(await metadata.hasBlobLink(source, digest))) return undefined
    // What the descriptor says needn't be so.
    if ((await blobs.find(digest)) !== sizeBytes) return undefined
    return readBlob(blobs, digest)
  }
}
