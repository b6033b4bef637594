import { type Descriptor, readDescriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { ManifestContent } from '../oci/manifest-content.ts'
import { pushedHere, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Inspection, KeptPart, Referrer } from './any-catalog.ts'
import type { DescribedImages, ShownImage } from './described-images.ts'
import type { KeptDocuments } from './kept-documents.ts'

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

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Undefined if the repository hasn't got it. */
  async inspect(source: Source, digest: Digest): Promise<Inspected | undefined> {
    const { stores, documents, described } = this.#settings
    const image = await described.find(source, digest)
    const content = image && (await documents.readKnown(digest))
    if (!content) return undefined
    const shown = await described.show(source, digest, content)
    const isIndex = content.manifests.length > 0
    const { platforms: _, ...itself } = image
    return {
      ...itself,
      lastPulledAt: await stores.catalog.findLastPull(source, digest),
      artifactType: content.artifactType,
      subject: content.subject?.digest,
      annotations: content.annotations,
      manifests: await this.#tellManifests(source, content),
      shown: isIndex ? shown?.digest : undefined,
      config: shown && (await this.#tellConfig(shown)),
      layers: shown ? await this.#tellBlobs(shown.content.layers) : [],
      tags: await stores.catalog.listTagsOf(source, digest, mostTold),
      referrers: await this.#tellReferrers(source, digest),
    }
  }

  async #tellManifests(source: Source, { manifests }: ManifestContent) {
    const told: Inspected['manifests'][number][] = []
    for (const listed of manifests.slice(0, mostTold)) {
      told.push({
        ...listed,
        isKept: await this.#settings.documents.hasManifest(source, listed.digest),
      })
    }
    return told
  }

  async #tellConfig({
    content: { config },
    config: read,
  }: ShownImage): Promise<Inspected['config']> {
    const [told] = config ? await this.#tellBlobs([config]) : []
    return told && { ...told, content: read }
  }

  async #tellBlobs(descriptors: readonly Descriptor[]): Promise<readonly KeptPart[]> {
    const told: KeptPart[] = []
    for (const { digest, mediaType, sizeBytes } of descriptors.slice(0, mostTold)) {
      const keptBytes = await this.#settings.stores.blobs.find(digest)
      told.push({ digest, mediaType, sizeBytes, isKept: keptBytes === sizeBytes })
    }
    return told
  }

  /** What was pushed here, or what its upstream last said. */
  async #tellReferrers(source: Source, subject: Digest): Promise<readonly Referrer[]> {
    const { hosted, metadata } = this.#settings.stores
    if (source.upstream === pushedHere) {
      const page = { limit: mostTold }
      const { entries } = await hosted.listPushedReferrers(source.repository, subject, page)
      return entries.map(({ annotations: _, ...referrer }) => referrer)
    }
    const listed = await metadata.findReferrers(source, subject)
    return listed?.entries.slice(0, mostTold).flatMap(readReferrer) ?? []
  }
}

function readReferrer(value: unknown): Referrer | [] {
  const descriptor = readDescriptor(value)
  if (!descriptor) return []
  const { artifactType } = value as { artifactType?: unknown }
  return {
    ...descriptor,
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
  }
}
