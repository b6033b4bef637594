import type { Digest } from '../oci/digest.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Accesses, BlobRecords } from './metadata-store.ts'

const flushEveryMs = 5_000
const maxGathered = 20_000

type ImageAccess = Accesses['images'][number]

/**
 * Gathers when content was last used, so that a hit costs no write, and writes it in batches. A
 * crash loses at most the last five seconds; `close` loses nothing.
 */
export class AccessTimes {
  readonly #records: BlobRecords
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #blobs = new Map<Digest, number>()
  #images = new Map<string, ImageAccess>()
  #writing: Promise<void> = Promise.resolve()

  constructor(records: BlobRecords, onError: (error: unknown) => void) {
    this.#records = records
    this.#onError = onError
    this.#timer = setInterval(() => this.#flushInBackground(), flushEveryMs).unref()
  }

  touchBlob(digest: Digest, at: number): void {
    if (this.#isFull()) return
    this.#blobs.set(digest, at)
    if (this.#isFull()) this.#flushInBackground()
  }

  touchImage(source: Source, digest: Digest, at: number): void {
    if (this.#isFull()) return
    this.#blobs.set(digest, at)
    this.#images.set(`${formatSource(source)}@${digest}`, { ...source, digest, at })
    if (this.#isFull()) this.#flushInBackground()
  }

  /** Writes what was gathered; rejects if that fails. */
  flush(): Promise<void> {
    const written = this.#writing.then(() => this.#write())
    // Whoever asked for a write hears of its failure; the next one begins all the same.
    this.#writing = written.then(ignore, ignore)
    return written
  }

  /**
   * Writes what was gathered, as far as that can be done: what a full disk doesn't take stays gathered, and
   * mustn't keep anybody from making room there.
   */
  settle(): Promise<void> {
    return this.flush().catch(this.#onError)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  /**
   * Full, it is written at once. While that fails, or can't keep up, further accesses aren't noted:
   * memory stays bounded, and an access time that is a little old does no harm.
   */
  #isFull(): boolean {
    return this.#blobs.size + this.#images.size >= maxGathered
  }

  #flushInBackground(): void {
    void this.settle()
  }

  async #write(): Promise<void> {
    if (this.#blobs.size + this.#images.size === 0) return
    const blobs = this.#blobs
    const images = this.#images
    this.#blobs = new Map()
    this.#images = new Map()
    try {
      await this.#records.recordAccesses({ blobs, images: [...images.values()] })
    } catch (error) {
      this.#putBack(blobs, images)
      throw error
    }
  }

  /** For the next try; what was touched since is newer. While writing fails, memory stays bounded. */
  #putBack(blobs: Map<Digest, number>, images: Map<string, ImageAccess>): void {
    if (this.#blobs.size + this.#images.size >= maxGathered) return
    this.#blobs = new Map([...blobs, ...this.#blobs])
    this.#images = new Map([...images, ...this.#images])
  }
}

function ignore(): void {}
