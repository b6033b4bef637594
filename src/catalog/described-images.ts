import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { createdAnnotation, descriptionAnnotation } from '../oci/annotations.ts'
import type { Digest } from '../oci/digest.ts'
import { type ImageConfig, isImageConfig } from '../oci/image-config.ts'
import type { ManifestContent } from '../oci/manifest-content.ts'
import { indexTypes } from '../oci/media-type.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { ImageRecord } from '../store/metadata-store.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ImageFacts, ImageOverview } from './any-catalog.ts'
import type { KeptDocuments } from './kept-documents.ts'

type KnownImage = Pick<ImageRecord, 'mediaType' | 'sizeBytes' | 'totalBytes'> & {
  readonly digest: Digest
}

export type DescribedImage = ImageFacts &
  Pick<ImageOverview, 'digest' | 'mediaType' | 'sizeBytes'> & {
    /** The manifest's own. */
    readonly manifestBytes: number
  }

/** One image of those that an index lists, or the one that was asked for. */
export type ShownImage = {
  readonly digest: Digest
  readonly content: ManifestContent
  readonly config: ImageConfig | undefined
}

const maxKnown = 20_000
/** Larger manifests are no image's, and are read one at a time, when they are asked for. */
const maxListedBytes = 256 * 1024
/** Of an index that lists more, the first ones are looked at. */
const maxLooked = 100
const maxDescription = 500
const maxPlatforms = 30
const maxPlatform = 60

/** What images say of themselves: read from what is kept, and remembered, since it never changes. */
export class DescribedImages {
  readonly #stores: Pick<Stores, 'metadata' | 'catalog'>
  readonly #documents: KeptDocuments
  readonly #known = new LRUCache<string, ImageFacts>(atMost(maxKnown))

  constructor(stores: Pick<Stores, 'metadata' | 'catalog'>, documents: KeptDocuments) {
    this.#stores = stores
    this.#documents = documents
  }

  /** Undefined if the repository hasn't got it. */
  async find(source: Source, digest: Digest): Promise<DescribedImage | undefined> {
    const image = await this.#stores.metadata.findImage(source, digest)
    return image && this.describe(source, { digest, ...image })
  }

  /** One that the repository has. */
  async describe(
    source: Source,
    { digest, mediaType, sizeBytes: manifestBytes, totalBytes }: KnownImage,
  ): Promise<DescribedImage> {
    const isIndex = indexTypes.has(mediaType)
    const sizeBytes = isIndex ? await this.#stores.catalog.measureIndex(digest) : totalBytes
    const facts = await this.readFacts(source, digest, manifestBytes)
    return { digest, mediaType, sizeBytes, manifestBytes, ...facts }
  }

  /** Of one that the repository has, and whose manifest is so large. */
  async readFacts(source: Source, digest: Digest, sizeBytes: number): Promise<ImageFacts> {
    const key = `${formatSource(source)}@${digest}`
    const known = this.#known.get(key)
    if (known || sizeBytes > maxListedBytes) return known ?? nothingKnown
    const content = await this.#documents.readKnown(digest)
    if (!content) return nothingKnown
    const shown = await this.show(source, digest, content)
    const facts = readFacts(content, shown)
    if (shown && isFinal(shown)) this.#known.set(key, facts)
    return facts
  }

  /** Of an index the first of its images that is kept; undefined if none is. */
  async show(
    source: Source,
    digest: Digest,
    content: ManifestContent,
  ): Promise<ShownImage | undefined> {
    if (content.manifests.length === 0) {
      const config = content.config && (await this.#documents.readConfig(source, content.config))
      return { digest, content, config }
    }
    for (const listed of content.manifests.slice(0, maxLooked)) {
      if (listed.platform === undefined) continue
      const image = await this.#documents.readManifest(source, listed.digest)
      if (image?.manifests.length === 0) return this.show(source, listed.digest, image)
    }
    return undefined
  }

  /** That one of those that an index lists, if it is kept. */
  async showListed(source: Source, digest: Digest): Promise<ShownImage | undefined> {
    const content = await this.#documents.readManifest(source, digest)
    return content && this.show(source, digest, content)
  }
}

/** Until its config has come, an image may have more to say. */
function isFinal({ content, config }: ShownImage): boolean {
  const canCome = content.config !== undefined && isImageConfig(content.config.mediaType)
  return config !== undefined || !canCome
}

const nothingKnown: ImageFacts = {
  createdAt: undefined,
  description: undefined,
  platforms: [],
}

/** What an index says comes before what its image does, and annotations before the config's labels. */
function readFacts(content: ManifestContent, shown: ShownImage | undefined): ImageFacts {
  const annotated = [content.annotations, shown?.content.annotations ?? {}]
  const find = (name: string) => annotated.map((texts) => texts[name]).find((text) => text)
  const description = find(descriptionAnnotation) ?? shown?.config?.labels[descriptionAnnotation]
  return {
    createdAt: readTime(shown?.config?.created) ?? readTime(find(createdAnnotation)),
    description: description?.slice(0, maxDescription),
    platforms: readPlatforms(content, shown),
  }
}

function readPlatforms(content: ManifestContent, shown: ShownImage | undefined): readonly string[] {
  const { os, architecture, variant } = shown?.config ?? {}
  const own = [os, architecture, variant].filter((part) => part).join('/')
  const listed = content.manifests.flatMap(({ platform = [] }) => platform)
  const all = content.manifests.length > 0 ? listed : own === '' ? [] : [own]
  return [...new Set(all)].slice(0, maxPlatforms).map((platform) => platform.slice(0, maxPlatform))
}

function readTime(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
