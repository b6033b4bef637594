import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Digest } from '../oci/digest.ts'
import { maxManifestBytes } from '../oci/manifest.ts'
import { recogniseManifest } from '../oci/recognise-manifest.ts'
import { unknownOrigin } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import { SingleFlight } from './single-flight.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'metadata'>
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

const maxBelieved = 10_000

/**
 * Files of which nothing is recorded, as after the database was lost: who put them there nobody knows,
 * and so each is believed only once it was read through.
 */
export class UnrecordedBlobs {
  readonly #settings: Settings
  readonly #reading = new SingleFlight<boolean>()
  /** Sizes: where nothing can be recorded, they aren't read through for each pull. */
  readonly #believed = new LRUCache<Digest, number>(atMost(maxBelieved))

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Whether its file is right, which is then recorded; a wrong one is put into quarantine. A manifest, of
   * which there is more to record, is left to who looks for files without records.
   */
  async isRight(digest: Digest, sizeBytes: number): Promise<boolean> {
    if (this.#believed.get(digest) === sizeBytes) return true
    return this.#reading.run(digest, () => this.#readThrough(digest))
  }

  async #readThrough(digest: Digest): Promise<boolean> {
    const { stores, now, onError } = this.#settings
    const options = { contentUpTo: maxManifestBytes }
    const checked = await stores.blobs.check(digest, options).catch(undefinedIfDiskFails)
    if (!checked) return false
    const { sizeBytes, fault, mark, content } = checked
    if (fault !== undefined) {
      await stores.blobs.quarantine(digest, 'it has no record, and its bytes are wrong', mark)
      onError(new Error(`${digest} has wrong bytes`), 'a damaged blob is fetched again')
      return false
    }
    const blob = { digest, sizeBytes, upstream: unknownOrigin, firstFetchedAt: now() }
    const isManifest = content !== undefined && recogniseManifest(content) !== undefined
    if (!isManifest) await stores.metadata.recordBlob(blob)
    this.#believed.set(digest, sizeBytes)
    return true
  }
}

/** Then it is fetched, as whatever can't be read. */
function undefinedIfDiskFails(error: unknown): undefined {
  if (!(error instanceof StoreFaultError)) throw error
}
