import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { type PushedManifest, parsePushedManifest } from '../oci/pushed-manifest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import type { Need } from '../store/hosted-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { readBlob } from '../store/put-blob.ts'

export type KeptStores = Pick<Stores, 'blobs' | 'metadata'>

/** What there is of an image, and what must be in a repository for each of its parts. */
export type CopyPlan = {
  /** Images with what they need of what is kept; each behind those that it lists. */
  readonly images: ReadonlyMap<Digest, readonly Need[]>
  /** Listed by an index, and not kept here as a whole. */
  readonly missing: ReadonlySet<Digest>
}

export type KeptManifest = { readonly manifest: PushedManifest; readonly sizeBytes: number }

/** Indexes in indexes beyond this are nobody's. */
const deepest = 8

/**
 * Looks what of an image is kept, and changes nothing. Undefined where it isn't whole itself, or is an
 * index of which no part is. Throws RegistryError MANIFEST_INVALID for what could not be pushed either.
 */
export async function planCopy(
  stores: KeptStores,
  from: Source,
  digest: Digest,
): Promise<CopyPlan | undefined> {
  const walk = new Walk(stores, from)
  return (await walk.addTop(digest)) ? walk : undefined
}

/** Undefined if the source hasn't got it, or its file is gone or damaged. */
export async function readKept(
  { metadata, blobs }: KeptStores,
  from: Source,
  digest: Digest,
): Promise<KeptManifest | undefined> {
  const known = await metadata.findImage(from, digest)
  const bytes = known && (await readBlob(blobs, digest))
  if (!bytes || digestOf(bytes, digestAlgorithm(digest)) !== digest) return undefined
  return { manifest: parsePushedManifest(bytes, known.mediaType), sizeBytes: bytes.length }
}

class Walk implements CopyPlan {
  readonly images = new Map<Digest, readonly Need[]>()
  readonly missing = new Set<Digest>()
  /** What was looked at: an image that many indexes list is read once. */
  readonly #isWhole = new Map<Digest, boolean>()
  readonly #stores: KeptStores
  readonly #from: Source

  constructor(stores: KeptStores, from: Source) {
    this.#stores = stores
    this.#from = from
  }

  async addTop(digest: Digest): Promise<boolean> {
    const kept = await readKept(this.#stores, this.#from, digest)
    return kept !== undefined && this.#add(digest, kept, 0)
  }

  /** False, and nothing is added, where the image isn't whole. */
  async #add(digest: Digest, { manifest }: KeptManifest, depth: number): Promise<boolean> {
    const needs = await this.#findNeeds(manifest, depth)
    this.#isWhole.set(digest, needs !== undefined)
    if (needs) this.images.set(digest, needs)
    return needs !== undefined
  }

  async #findNeeds({ isIndex, needs }: PushedManifest, depth: number) {
    const found: Need[] = []
    for (const child of needs) {
      const need = isIndex ? await this.#findListed(child, depth + 1) : await this.#findBlob(child)
      if (need) found.push(need)
      else if (isIndex) this.missing.add(child.digest)
      else return undefined
    }
    return found.length === 0 && needs.length > 0 ? undefined : found
  }

  async #findListed(child: Descriptor, depth: number): Promise<Need | undefined> {
    const { digest, sizeBytes, mediaType } = child
    if (!manifestTypes.has(mediaType)) return this.#findBlob(child, 'either')
    if ((await this.#stores.blobs.find(digest)) !== sizeBytes || depth > deepest) return undefined
    const isWhole = this.#isWhole.get(digest) ?? (await this.#addListed(digest, depth))
    return isWhole ? { digest, sizeBytes, as: 'manifest' } : undefined
  }

  async #addListed(digest: Digest, depth: number): Promise<boolean> {
    try {
      const kept = await readKept(this.#stores, this.#from, digest)
      if (kept) return await this.#add(digest, kept, depth)
    } catch (error) {
      // One that could not be pushed is no reason to do without the others.
      if (!(error instanceof RegistryError)) throw error
    }
    this.#isWhole.set(digest, false)
    return false
  }

  async #findBlob(
    { digest, sizeBytes }: Descriptor,
    as: 'blob' | 'either' = 'blob',
  ): Promise<Need | undefined> {
    const foundBytes = await this.#stores.blobs.find(digest)
    return foundBytes === sizeBytes ? { digest, sizeBytes, as } : undefined
  }
}
