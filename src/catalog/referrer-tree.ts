import { readDescriptor } from '../oci/descriptor.ts'
import { type Digest, digestAlgorithm, digestHex } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import { pushedHere, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Referrer } from './any-catalog.ts'
import type { KeptDocuments } from './kept-documents.ts'

type Settings = {
  readonly stores: Pick<Stores, 'hosted' | 'metadata'>
  readonly documents: KeptDocuments
}

type Found = Omit<Referrer, 'isKept' | 'referrers'>

/** An image, its SBOM, the signature of that, and one more. */
const deepest = 4
/** In the whole tree; nobody reads further. */
const mostTold = 500
/** By cosign's older scheme, at a tag that names the image. */
const attachments = ['sig', 'att', 'sbom']

/** What refers to an image, and what refers to that: as it was pushed here, or its upstream last said. */
export class ReferrerTree {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  find(source: Source, subject: Digest): Promise<readonly Referrer[]> {
    return this.#grow(source, subject, { depth: 1, left: { count: mostTold } })
  }

  async #grow(
    source: Source,
    subject: Digest,
    { depth, left }: { readonly depth: number; readonly left: { count: number } },
  ): Promise<readonly Referrer[]> {
    if (depth > deepest || left.count <= 0) return []
    const found = [
      ...(await this.#list(source, subject, left.count)),
      ...(await this.#findAttached(source, subject)),
    ].slice(0, left.count)
    left.count -= found.length
    const grown: Referrer[] = []
    for (const each of found) {
      const isKept = await this.#settings.documents.hasManifest(source, each.digest)
      const referrers = await this.#grow(source, each.digest, { depth: depth + 1, left })
      grown.push({ ...each, isKept, referrers })
    }
    return grown
  }

  async #list(source: Source, subject: Digest, limit: number): Promise<readonly Found[]> {
    const { hosted, metadata } = this.#settings.stores
    if (source.upstream === pushedHere) {
      const { entries } = await hosted.listPushedReferrers(source.repository, subject, { limit })
      return entries.map(({ annotations: _, ...referrer }) => ({ ...referrer, tag: undefined }))
    }
    const listed = await metadata.findReferrers(source, subject)
    return listed?.entries.slice(0, limit).flatMap(readReferrer) ?? []
  }

  async #findAttached(source: Source, subject: Digest): Promise<readonly Found[]> {
    const { metadata } = this.#settings.stores
    const found: Found[] = []
    for (const kind of attachments) {
      const tag = `${digestAlgorithm(subject)}-${digestHex(subject)}.${kind}` as Tag
      const record = await metadata.findTag(source, tag)
      if (!record || record.goneAt !== undefined) continue
      const { digest } = record
      const image = await metadata.findImage(source, digest)
      if (!image) continue
      const { mediaType, sizeBytes } = image
      found.push({ digest, mediaType, sizeBytes, artifactType: undefined, tag })
    }
    return found
  }
}

function readReferrer(value: unknown): Found | [] {
  const descriptor = readDescriptor(value)
  if (!descriptor) return []
  const { artifactType } = value as { artifactType?: unknown }
  return {
    ...descriptor,
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
    tag: undefined,
  }
}
