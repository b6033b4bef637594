import type { BlobReader, WrittenPlace } from '../store/blob-store.ts'
import type { GrowingReader } from './blob-pull.ts'
import type { View } from './recent-bytes.ts'

/** What a follower needs of the fetch that it follows. */
export type Followed = {
  /** How many bytes from the beginning may be read by now. */
  readonly availableBytes: number
  /** Where what is written is found; undefined where nothing is. */
  findPlace(): Promise<WrittenPlace | undefined>
  /**
   * How many bytes from the beginning may be read, once that is more than `position`; undefined
   * where no more is going to be written. Throws what made the fetch fail.
   */
  waitBeyond(position: number): Promise<number | undefined>
  /** Reads what was written. */
  readWritten(buffer: Uint8Array, position: number): Promise<number>
  /** Some of what was written, where it lies in memory; undefined if it doesn't. */
  viewWritten(position: number): View | undefined
  /** Opens the rest of the blob, straight from upstream. */
  passOn(position: number): Promise<BlobReader>
}

/**
 * Reads a blob while it grows. Where it can't be written any further, because the disk is full or
 * fails, it reads on from upstream, so that its client notices nothing.
 */
export class BlobFollower implements GrowingReader {
  readonly sizeBytes: number
  readonly #followed: Followed
  readonly #onClose: () => Promise<void>
  #pass: Promise<BlobReader> | undefined
  #view: View | undefined
  #isOpen = true

  constructor(followed: Followed, sizeBytes: number, onClose: () => Promise<void>) {
    this.#followed = followed
    this.sizeBytes = sizeBytes
    this.#onClose = onClose
  }

  get availableBytes(): number {
    return this.#followed.availableBytes
  }

  findPlace(): Promise<WrittenPlace | undefined> {
    return this.#followed.findPlace()
  }

  /** Resolves when there is a byte to read at `position`. Throws what made the fetch fail. */
  async ready(position: number): Promise<void> {
    if (position >= this.sizeBytes || this.#pass !== undefined) return
    const available = await this.#followed.waitBeyond(position)
    if (available === undefined) await this.#openPass(position)
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (position >= this.sizeBytes) return 0
    const isPassed = this.#pass !== undefined
    const available = isPassed ? undefined : await this.#followed.waitBeyond(position)
    if (available === undefined) return (await this.#openPass(position)).read(buffer, position)
    const length = Math.min(buffer.length, available - position)
    return this.#followed.readWritten(buffer.subarray(0, length), position)
  }

  async view(position: number): Promise<Buffer<SharedArrayBuffer> | undefined> {
    this.#releaseView()
    if (position >= this.sizeBytes || this.#pass !== undefined) return undefined
    const available = await this.#followed.waitBeyond(position)
    if (available === undefined || !this.#isOpen) return undefined
    this.#view = this.#followed.viewWritten(position)
    return this.#view?.bytes.subarray(0, available - position)
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#releaseView()
    // One that couldn't be opened has been heard of.
    const pass = await this.#pass?.catch(() => undefined)
    await pass?.close()
    await this.#onClose()
  }

  #releaseView(): void {
    this.#view?.release()
    this.#view = undefined
  }

  #openPass(position: number): Promise<BlobReader> {
    // Whoever waited is gone: nobody would close it.
    if (!this.#isOpen) return Promise.reject(new Error('the reader was closed meanwhile'))
    this.#pass ??= this.#followed.passOn(position)
    return this.#pass
  }
}
