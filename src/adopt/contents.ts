import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.ts'
import { DigestCheck, DigestMismatchError } from '../oci/digest-check.ts'
import { maxManifestBytes } from '../oci/manifest.ts'
import { ForeignFileError } from '../store/blob-adopter.ts'
import type { Stores } from '../store/open-stores.ts'
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
const pieceBytes = 1024 * 1024

/** The files of content, each taken once in a run however many images name it. */
export class Contents {
  readonly #settings: Settings
  readonly #known = new LRUCache<Digest, Exclude<Outcome, 'missing'>>(atMost(maxKnown))

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** A manifest's bytes, or why they can't be used. */
  async readManifest(name: string, digest: Digest): Promise<Buffer | string> {
    const file = await this.#settings.storage.findContent(name, digest)
    if (file === undefined) return 'its manifest is missing'
    try {
      const { size } = await stat(file)
      if (size > maxManifestBytes) return `${file} is too large for a manifest: ${size} bytes`
      const bytes = await readFile(file)
      const actual = digestOf(bytes, digestAlgorithm(digest))
      return actual === digest ? bytes : `${file} holds other bytes: they are ${actual}`
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return `${file} can't be read (${code ?? message})`
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

  async #take(name: string, digest: Digest): Promise<Outcome> {
    const { storage, tally } = this.#settings
    const keptBytes = await this.#findKept(digest)
    if (keptBytes !== undefined) {
      tally.counts.knownBlobs++
      return { sizeBytes: keptBytes }
    }
    const file = await storage.findContent(name, digest)
    if (file === undefined) return 'missing'
    try {
      return { sizeBytes: await this.#adopt(file, digest) }
    } catch (error) {
      if (!isOfFile(error)) throw error
      const isOther = error instanceof DigestMismatchError
      tally.fault(
        digest,
        isOther ? `${file} holds other bytes: they are ${error.actual}` : error.message,
      )
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
      ? await check(file, digest)
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

type FileFault = DigestMismatchError | ForeignFileError

function isOfFile(error: unknown): error is FileFault {
  return error instanceof DigestMismatchError || error instanceof ForeignFileError
}

async function check(file: string, digest: Digest) {
  const running = new DigestCheck(digest)
  let sizeBytes = 0
  try {
    const reading = createReadStream(file, { highWaterMark: pieceBytes })
    for await (const piece of reading as AsyncIterable<Buffer>) {
      running.update(piece)
      sizeBytes += piece.length
    }
  } catch (cause) {
    throw new ForeignFileError(file, `can't be read (${(cause as Error).message})`, { cause })
  }
  running.verify()
  return { sizeBytes, isLinked: false }
}
