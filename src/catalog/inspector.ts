import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { stepsOfLayers } from '../oci/image-config.ts'
import type { ManifestContent } from '../oci/manifest-content.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Inspection, KeptDocument, KeptPart, WantedDocument } from './any-catalog.ts'
import type { DescribedImages, ShownImage } from './described-images.ts'
import type { KeptDocuments } from './kept-documents.ts'
import { tellLayers } from './layers.ts'
import { choosePlatform, tellListed } from './platforms.ts'
import { ReferrerTree } from './referrer-tree.ts'

type Settings = {
  readonly stores: Stores
  readonly documents: KeptDocuments
  readonly described: DescribedImages
}

type Inspected = Omit<Inspection, 'name' | 'isHosted'>

/** Of each list in an image; nobody reads further. */
const mostTold = 1000

/** Tells what an image consists of, and how much of it is kept. */
export class Inspector {
  readonly #settings: Settings
  readonly #referrers: ReferrerTree

  constructor(settings: Settings) {
    this.#settings = settings
    this.#referrers = new ReferrerTree(settings)
  }

  /** Undefined if the repository hasn't got it. `platform`: which of those that an index lists is shown. */
  async inspect(
    source: Source,
    digest: Digest,
    platform: string | undefined,
  ): Promise<Inspected | undefined> {
    const { stores, documents, described } = this.#settings
    const image = await described.find(source, digest)
    const record = image && (await stores.metadata.findImage(source, digest))
    const content = record && (await documents.readKnown(digest))
    if (!content) return undefined
    const chosen = choosePlatform(content, platform)
    const shown = await this.#show(source, digest, { content, chosen })
    const isIndex = content.manifests.length > 0
    const { platforms: _, ...itself } = image
    return {
      ...itself,
      storedAt: record.firstFetchedAt,
      lastPulledAt: await stores.catalog.findLastPull(source, digest),
      artifactType: content.artifactType,
      subject: content.subject?.digest,
      annotations: content.annotations,
      manifests: await tellListed(this.#settings, source, content.manifests.slice(0, mostTold)),
      shown: isIndex ? (chosen ?? shown?.digest) : undefined,
      config: shown && (await this.#tellConfig(shown)),
      layers: shown ? await this.#tellLayers(source, shown) : [],
      tags: await stores.catalog.listTagsOf(source, digest, mostTold),
      referrers: await this.#referrers.find(source, digest),
    }
  }

  /** As `inspect`. Throws RegistryError BLOB_UNKNOWN for a config that isn't kept. */
  async readDocument(
    source: Source,
    digest: Digest,
    { isConfig, platform }: WantedDocument,
  ): Promise<Omit<KeptDocument, 'name'> | undefined> {
    const { stores, documents } = this.#settings
    const image = await stores.metadata.findImage(source, digest)
    const bytes = image && (await documents.readWhole(digest))
    if (!bytes) return undefined
    if (!isConfig) return { digest, mediaType: image.mediaType, bytes }
    const content = await documents.readKnown(digest)
    const chosen = content && choosePlatform(content, platform)
    const shown = content && (await this.#show(source, digest, { content, chosen }))
    const config = shown?.content.config
    const found = config && (await documents.readConfigBytes(source, config))
    if (found) return { digest: config.digest, mediaType: config.mediaType, bytes: found }
    throw new RegistryError('BLOB_UNKNOWN', `the config of ${digest} is not kept here`)
  }

  #show(
    source: Source,
    digest: Digest,
    { content, chosen }: { content: ManifestContent; chosen: Digest | undefined },
  ): Promise<ShownImage | undefined> {
    const { described } = this.#settings
    return chosen === undefined
      ? described.show(source, digest, content)
      : described.showListed(source, chosen)
  }

  #tellLayers(source: Source, { digest, content, config }: ShownImage) {
    const steps = stepsOfLayers(config?.history ?? [], content.layers.length)
    const layers = content.layers.slice(0, mostTold)
    return tellLayers(this.#settings.stores, { source, digest, layers, steps })
  }

  async #tellConfig({
    content: { config },
    config: read,
  }: ShownImage): Promise<Inspected['config']> {
    return config && { ...(await tellBlob(this.#settings.stores, config)), content: read }
  }
}

export async function tellBlob(
  { blobs }: Pick<Stores, 'blobs'>,
  { digest, mediaType, sizeBytes }: Descriptor,
): Promise<KeptPart> {
  return { digest, mediaType, sizeBytes, isKept: (await blobs.find(digest)) === sizeBytes }
}
