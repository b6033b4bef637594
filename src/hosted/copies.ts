import { type Digest, isDigest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import type { Need } from '../store/hosted-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { planCopy, readKept } from './copy-plan.ts'
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
  /** Listed by an index, and not kept here as a whole. */
  readonly missing: readonly Digest[]
}

/** What a copy would make; `sizeBytes` is in the store already, and takes no more room. */
export type PlannedCopy = Copied & {
  readonly sizeBytes: number
  /** To what the tag points until then, if to anything. */
  readonly before: Digest | undefined
}

type Part = {
  readonly digest: Digest
  readonly needs: readonly Need[]
  readonly tags: readonly Tag[]
}

/** Makes what is kept, from an upstream or of another repository, a hosted image. No upstream is asked. */
export class Copies {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Platforms of an index that aren't kept as a whole stay away: clients of theirs get a 404. Throws
   * RegistryError MANIFEST_UNKNOWN where nothing is, DENIED for a tag that must not move; nothing is
   * recorded then.
   */
  async copy(copy: Copy): Promise<Copied> {
    const { digest, plan } = await this.#plan(copy)
    // All layers first: the name is hosted from its first image on.
    for (const [image, needs] of plan.images) await this.#linkBlobs(copy, image, needs)
    for (const [image, needs] of plan.images) {
      const tags = image === digest ? copy.tags : []
      await this.#record(copy, { digest: image, needs, tags })
    }
    return { digest, imageCount: plan.images.size, missing: [...plan.missing] }
  }

  /** What that would make. Throws as it does. */
  async plan(copy: Copy): Promise<PlannedCopy> {
    const { digest, plan } = await this.#plan(copy)
    const { blobs, hosted } = this.#settings.stores
    const sizes = new Map([[digest, (await blobs.find(digest)) ?? 0]])
    for (const needs of plan.images.values())
      for (const need of needs) sizes.set(need.digest, need.sizeBytes)
    const sizeBytes = sizes.values().reduce((sum, size) => sum + size, 0)
    const [tag] = copy.tags
    const before = tag && (await hosted.findPushedTag(copy.to, tag))
    return { digest, imageCount: plan.images.size, missing: [...plan.missing], sizeBytes, before }
  }

  async #plan(copy: Copy) {
    const digest = await this.#findDigest(copy)
    const plan = await planCopy(this.#settings.stores, copy.from, digest)
    if (!plan) throw notKept(copy.from, copy.reference)
    await this.#requireMovable(copy, digest)
    return { digest, plan }
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

  async #requireMovable({ to, tags }: Copy, digest: Digest): Promise<void> {
    const { stores, isFixed } = this.#settings
    for (const tag of tags) {
      const current = isFixed(to, tag) ? await stores.hosted.findPushedTag(to, tag) : undefined
      if (current !== undefined && current !== digest) throw immovable(to, tag)
    }
  }

  async #linkBlobs({ from, to }: Copy, image: Digest, needs: readonly Need[]): Promise<void> {
    const { blobs } = this.#settings
    for (const { digest, as } of needs) {
      if (as !== 'manifest' && !(await blobs.take(to, digest))) throw notKept(from, image)
    }
  }

  async #record({ from, to }: Copy, part: Part): Promise<void> {
    const { stores, isFixed, now } = this.#settings
    const { digest, tags, needs } = part
    const fixedTags = tags.filter((tag) => isFixed(to, tag))
    // With its file: that it was there before doesn't mean that nobody has freed it since.
    const refusal = await stores.holds.during(digest, async () => {
      const kept = await readKept(stores, from, digest)
      if (!kept) throw notKept(from, digest)
      const image = { ...kept.manifest, digest, sizeBytes: kept.sizeBytes, pushedAt: now() }
      return stores.hosted.recordPushed(to, { image, tags, needs, fixedTags })
    })
    if (!refusal) return
    if ('fixedTag' in refusal) throw immovable(to, refusal.fixedTag)
    const what = `${to} has lost ${refusal.lacking[0]?.digest} while ${digest} was copied to it: copy it again`
    throw new RegistryError('MANIFEST_BLOB_UNKNOWN', what)
  }
}

function immovable(repository: Repository, tag: Tag): RegistryError {
  const what = `${repository}:${tag} can't be moved: hosted.immutableTags in mirrors.yaml names it`
  return new RegistryError('DENIED', what)
}

/** Where what a name without an upstream means is read from. Throws RegistryError DENIED where it may not be. */
export function copySource(source: Source, isHosted: boolean): Source {
  requireGrant(source, isHosted)
  return isHosted && source.own !== undefined ? ownSource(source.own) : source
}

function notKept(from: Source, reference: Reference): RegistryError {
  const separator = isDigest(reference) ? '@' : ':'
  const what = `${formatSource(from)}${separator}${reference} isn't kept here as a whole: pull it through this server first`
  return new RegistryError('MANIFEST_UNKNOWN', what)
}
