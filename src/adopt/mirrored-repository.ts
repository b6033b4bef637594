import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { type Manifest, ManifestFormatError, parseManifest } from '../oci/manifest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Contents } from './contents.ts'
import { inParallel } from './in-parallel.ts'
import type { RegistryStorage, Revision, TagLink } from './registry-storage.ts'
import type { Tally } from './report.ts'

export type MirroredSettings = {
  readonly storage: RegistryStorage
  readonly contents: Contents
  readonly stores: Pick<Stores, 'metadata'>
  readonly tally: Tally
  readonly isDryRun: boolean
  readonly now: () => number
}

/**
 * Takes over a repository that was pulled through its registry, as if it had been pulled through this
 * server then. An image of which layers are missing is none the worse: they are fetched when it is pulled.
 */
export class MirroredRepository {
  readonly #settings: MirroredSettings
  /** As it is called there. */
  readonly #name: string
  readonly #source: Source
  readonly #taken = new Set<Digest>()

  constructor(name: string, source: Source, settings: MirroredSettings) {
    this.#name = name
    this.#source = source
    this.#settings = settings
  }

  /** What can't be taken is told of. False if nothing of it is here. */
  async take(): Promise<boolean> {
    const { storage, tally } = this.#settings
    for (const revision of await storage.listRevisions(this.#name)) await this.#takeImage(revision)
    for (const link of await storage.listTags(this.#name)) {
      if (this.#taken.has(link.digest)) await this.#takeTag(link)
      else tally.fault(this.#nameOf(link.tag, ':'), `its manifest ${link.digest} isn't taken`)
    }
    return this.#taken.size > 0
  }

  async #takeImage({ digest, at }: Revision): Promise<void> {
    const { contents, stores, tally, isDryRun } = this.#settings
    const { metadata } = stores
    const bytes = await contents.readManifest(this.#name, digest)
    if (typeof bytes === 'string') return tally.fault(this.#nameOf(digest), bytes)
    const manifest = this.#parse(digest, bytes)
    if (!manifest) return
    // The image last: what a kill leaves before it is taken by the next run.
    await this.#takeBlobs(digest, manifest)
    if (typeof (await contents.take(this.#name, digest)) !== 'object') return
    this.#taken.add(digest)
    const isKnown = (await metadata.findImage(this.#source, digest)) !== undefined
    tally.counts[isKnown ? 'knownImages' : 'images']++
    if (isKnown || isDryRun) return
    const image = { ...manifest, digest, sizeBytes: bytes.length, firstFetchedAt: at }
    await metadata.recordImage(this.#source, image)
  }

  #parse(digest: Digest, bytes: Buffer): Manifest | undefined {
    try {
      return parseManifest(bytes, undefined)
    } catch (error) {
      if (!(error instanceof ManifestFormatError)) throw error
      this.#settings.tally.fault(this.#nameOf(digest), error.message)
      return undefined
    }
  }

  /** Manifests that it lists are images of their own. */
  async #takeBlobs(image: Digest, { children }: Manifest): Promise<void> {
    const blobs = new Map(children.map((child) => [child.digest, child]))
    const wanted = [...blobs.values()].filter(({ mediaType }) => !manifestTypes.has(mediaType))
    const areThere = await inParallel(wanted, (blob) => this.#takeBlob(blob))
    const missing = areThere.filter((isThere) => !isThere).length
    if (missing === 0) return
    const what = `${missing} of its ${wanted.length} blobs aren't there; they are fetched when it is pulled`
    this.#settings.tally.note(this.#nameOf(image), what)
  }

  async #takeBlob({ digest }: Descriptor): Promise<boolean> {
    const { contents, stores, isDryRun, now } = this.#settings
    const outcome = await contents.take(this.#name, digest)
    if (typeof outcome !== 'object') return false
    if (isDryRun) return true
    const { metadata } = stores
    const { sizeBytes } = outcome
    const { upstream } = this.#source
    if ((await metadata.findBlob(digest))?.sizeBytes !== sizeBytes)
      await metadata.recordBlob({ digest, sizeBytes, upstream, firstFetchedAt: now() })
    if (!(await metadata.isBlobLinked(this.#source, digest)))
      await metadata.linkBlob(this.#source, digest)
    return true
  }

  async #takeTag({ tag, digest, at }: TagLink): Promise<void> {
    const { stores, tally, isDryRun } = this.#settings
    const known = await stores.metadata.findTag(this.#source, tag)
    const knownAt = Math.max(known?.checkedAt ?? 0, known?.goneAt ?? 0)
    if (known && knownAt >= at) return
    if (!isDryRun) await stores.metadata.recordTag(this.#source, tag, { digest, checkedAt: at })
    tally.counts.tags++
  }

  #nameOf(reference: string, separator = '@'): string {
    return `${formatSource(this.#source)}${separator}${reference}`
  }
}
