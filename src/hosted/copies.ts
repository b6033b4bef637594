import { type Digest, isDigest } from '../oci/digest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { type PushedManifest, parsePushedManifest } from '../oci/pushed-manifest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { readBlob } from '../store/put-blob.ts'
import type { HostedBlobs } from './hosted-blobs.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'metadata' | 'hosted' | 'holds'>
  readonly blobs: HostedBlobs
  readonly isFixed: (repository: Repository, tag: Tag) => boolean
  readonly now: () => number
}

export type Copy = {
  readonly from: Source
  readonly reference: Reference
  readonly to: Repository
  readonly tags: readonly Tag[]
}

export type Copied = {
  readonly digest: Digest
  /** Images that the repository has now, the index itself among them. */
  readonly imageCount: number
  /** Listed by an index, and not kept here. */
  readonly missing: readonly Digest[]
}

/** Indexes in indexes beyond this are nobody's. */
const deepest = 8

/** Makes what is kept, from an upstream or of another repository, a hosted image. No upstream is asked. */
export class Copies {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Platforms of an index that aren't kept stay away: clients of theirs get a 404. Throws RegistryError
   * MANIFEST_UNKNOWN where the image or a part of it isn't kept, DENIED for a tag that must not move.
   */
  async copy(copy: Copy): Promise<Copied> {
    const digest = await this.#findDigest(copy)
    const missing: Digest[] = []
    const imageCount = await this.#copyImage(copy, { digest, tags: copy.tags, depth: 0, missing })
    return { digest, imageCount, missing }
  }

  async #findDigest({ from, reference }: Copy): Promise<Digest> {
    if (isDigest(reference)) return reference
    const { metadata, hosted } = this.#settings.stores
    const found =
      from.upstream === pushedHere
        ? await hosted.findPushedTag(from.repository, reference)
        : (await metadata.findTag(from, reference))?.digest
    if (found) return found
    throw notKept(from, reference)
  }

  /** Gives how many images it copied, with those that it lists. */
  async #copyImage(
    copy: Copy,
    part: { digest: Digest; tags: readonly Tag[]; depth: number; missing: Digest[] },
  ): Promise<number> {
    const { stores, isFixed, now } = this.#settings
    const { digest, tags } = part
    const { bytes, mediaType } = await this.#read(copy.from, digest)
    const manifest = parsePushedManifest(bytes, mediaType)
    const listed = manifest.isIndex ? await this.#copyListed(copy, { manifest, ...part }) : 0
    if (!manifest.isIndex) await this.#linkLayers(copy, manifest)
    const image = { ...manifest, digest, sizeBytes: bytes.length, pushedAt: now() }
    const fixedTags = tags.filter((tag) => isFixed(copy.to, tag))
    const refusal = await stores.holds.during(digest, () =>
      stores.hosted.recordPushed(copy.to, { image, tags, needs: [], fixedTags }),
    )
    if (!refusal) return listed + 1
    const what = `${copy.to}:${fixedTags[0]} can't be moved: hosted.immutableTags in mirrors.yaml names it`
    throw new RegistryError('DENIED', what)
  }

  async #copyListed(
    copy: Copy,
    { manifest, depth, missing }: { manifest: PushedManifest; depth: number; missing: Digest[] },
  ): Promise<number> {
    if (depth >= deepest) throw new RegistryError('MANIFEST_INVALID', 'an index nests too deep')
    let count = 0
    for (const { digest, mediaType } of manifest.needs) {
      const isImage = manifestTypes.has(mediaType)
      const isKept = isImage && (await this.#isKept(copy.from, digest))
      if (isKept)
        count += await this.#copyImage(copy, { digest, tags: [], depth: depth + 1, missing })
      else if (isImage || !(await this.#settings.blobs.take(copy.to, digest))) missing.push(digest)
    }
    if (count === 0 && missing.length > 0) throw notKept(copy.from, copy.reference)
    return count
  }

  async #linkLayers({ from, reference, to }: Copy, { needs }: PushedManifest): Promise<void> {
    for (const { digest } of needs) {
      if (!(await this.#settings.blobs.take(to, digest))) throw notKept(from, reference)
    }
  }

  async #isKept(from: Source, digest: Digest): Promise<boolean> {
    const { metadata, blobs } = this.#settings.stores
    if (!(await metadata.findImage(from, digest))) return false
    return (await blobs.find(digest)) !== undefined
  }

  async #read(from: Source, digest: Digest) {
    const { metadata, blobs } = this.#settings.stores
    const known = await metadata.findImage(from, digest)
    const bytes = known && (await readBlob(blobs, digest))
    if (!bytes) throw notKept(from, digest)
    return { bytes, mediaType: known.mediaType }
  }
}

/** Where what a name without an upstream means is read from. */
export function copySource(source: Source, isHosted: boolean): Source {
  return isHosted && source.own !== undefined ? ownSource(source.own) : source
}

function notKept(from: Source, reference: Reference): RegistryError {
  const separator = isDigest(reference) ? '@' : ':'
  const what = `${formatSource(from)}${separator}${reference} isn't kept here as a whole: pull it through this server first`
  return new RegistryError('MANIFEST_UNKNOWN', what)
}
