import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.ts'
import { DigestMismatchError } from '../oci/digest-check.ts'
import { maxManifestBytes } from '../oci/manifest.ts'
import { ForeignFileError } from '../store/blob-adopter.ts'
import type { Stores } from '../store/open-stores.ts'
import { readStart } from './foreign-paths.ts'
import type { RegistryStorage } from './registry-storage.ts'
import type { Tally } from './report.ts'

type Settings = {
  readonly storage: RegistryStorage
  readonly stores: Pick<Stores, 'blobs' | 'metadata' | 'adopter'>
  readonly tally: Tally
  /** Reads and hashes, and takes nothing. */
  readonly isDryRun: boolean
}

/** Where it is kept now; `missing` isn't there, and `wrong` was told of. */
export type Outcome = { readonly sizeBytes: number } | 'missing' | 'wrong'

const maxKnown = 100_000

/** The files of content, each taken once in a run however many images name it. */
export class Contents {
  readonly #settings: Settings
  readonly #known = new LRUCache<Digest, Exclude<Outcome, 'missing'>>(atMost(maxKnown))

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** A manifest's bytes, or why they can't be used. */
  async readManifest(name: string, digest: Digest): Promise<Buffer | string> {
    try {
      return await this.#readManifest(name, digest)
    } catch (error) {
      if (error instanceof ForeignFileError) return error.message
      throw error
    }
  }

  /**
   * Keeps the digest's content. A file that no record knows of yet is safe from a server's collector,
   * which goes by the records: that it is needed is recorded afterwards, with the record itself.
   */
  async take(name: string, digest: Digest): Promise<Outcome> {
    const known = this.#known.get(digest)
    if (known) return known
    const outcome = await this.#take(name, digest)
    if (outcome !== 'missing') this.#known.set(digest, outcome)
    return outcome
  }

  async #readManifest(name: string, digest: Digest): Promise<Buffer | string> {
    const file = await this.#settings.storage.findContent(name, digest)
    const read = file === undefined ? undefined : await readStart(file, maxManifestBytes)
    if (!read) return 'its manifest is missing'
    const { bytes, sizeBytes } = read
    if (sizeBytes > maxManifestBytes)
      return `${file} is too large for a manifest: ${sizeBytes} bytes`
    const actual = digestOf(bytes, digestAlgorithm(digest))
    return actual === digest ? bytes : `${file} holds other bytes: they are ${actual}`
  }

  async #take(name: string, digest: Digest): Promise<Outcome> {
    const { storage, tally } = this.#settings
    const keptBytes = await this.#findKept(digest)
    if (keptBytes !== undefined) {
      tally.counts.knownBlobs++
      return { sizeBytes: keptBytes }
    }
    try {
      const file = await storage.findContent(name, digest)
      return file === undefined ? 'missing' : await this.#takeFile(file, digest)
    } catch (error) {
      if (!(error instanceof ForeignFileError)) throw error
      tally.fault(digest, error.message)
      return 'wrong'
    }
  }

  async #takeFile(file: string, digest: Digest): Promise<Outcome> {
    try {
      return { sizeBytes: await this.#adopt(file, digest) }
    } catch (error) {
      if (!(error instanceof DigestMismatchError)) throw error
      const what = `${file} holds other bytes: they are ${error.actual}`
      this.#settings.tally.fault(digest, what)
      return 'wrong'
    }
  }

  /** Its size; undefined also where it was cut short here. */
  async #findKept(digest: Digest): Promise<number | undefined> {
    const { blobs, metadata } = this.#settings.stores
    const [keptBytes, recorded] = [await blobs.find(digest), await metadata.findBlob(digest)]
    return recorded?.sizeBytes === keptBytes ? keptBytes : undefined
  }

  async #adopt(file: string, digest: Digest): Promise<number> {
    const { stores, tally, isDryRun } = this.#settings
    const { sizeBytes, isLinked } = isDryRun
      ? { sizeBytes: await stores.adopter.check(file, digest), isLinked: false }
      : await stores.adopter.adopt(file, digest)
    const { counts } = tally
    counts.blobs++
    counts.bytes += sizeBytes
    counts.linkedBlobs += isLinked ? 1 : 0
    counts.linkedBytes += isLinked ? sizeBytes : 0
    tally.addRead(sizeBytes)
    return sizeBytes
  }
}
