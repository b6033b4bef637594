import { statfs } from 'node:fs/promises'
import { LowSpaceError } from './store-fault.ts'

/** Of the file system that holds the data folder, as df counts. */
export type DiskUse = {
  readonly totalBytes: number
  readonly usedBytes: number
  /** For us: some of what isn't used may be kept for root. */
  readonly freeBytes: number
}

/** What is written meanwhile is counted, but others write too. */
const knownForMs = 1_000
/** Of the disk: by then there may be something to be done. */
const unseenShare = 0.01

/** As its file system says at the moment. */
export async function readDiskUse(folder: string): Promise<DiskUse> {
  const { bsize, blocks, bfree, bavail } = await statfs(folder)
  const usedBytes = (blocks - bfree) * bsize
  const freeBytes = bavail * bsize
  return { totalBytes: usedBytes + freeBytes, usedBytes, freeBytes }
}

/** How much room there is, and whether something may still be kept: so much of the disk stays free. */
export class DiskRoom {
  readonly #readUse: () => Promise<DiskUse>
  #keepsFree: (use: DiskUse) => number = () => 0
  #onMeasured: (use: DiskUse) => void = () => {}
  #keptBytes = 0
  #spareBytes = 0
  /** Admitted since the last look, and how much that may be. */
  #unseenBytes = 0
  #mostUnseenBytes = 0
  #writtenBytes = 0
  #measuredAt = Number.NEGATIVE_INFINITY
  #measuring: Promise<DiskUse> | undefined

  constructor(readUse: () => Promise<DiskUse>) {
    this.#readUse = readUse
  }

  /** All that was ever admitted. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** `keepsFree` says how many bytes stay free; `onMeasured` hears of each look at the disk. */
  guard(keepsFree: (use: DiskUse) => number, onMeasured: (use: DiskUse) => void): void {
    this.#keepsFree = keepsFree
    this.#onMeasured = onMeasured
    this.#measuredAt = Number.NEGATIVE_INFINITY
  }

  /** One look at a time. Throws what the file system does. */
  measure(): Promise<DiskUse> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    return this.#measuring
  }

  /** So much is about to be kept. Throws LowSpaceError where too little would be free. */
  async admit(bytes: number): Promise<void> {
    const isKnown = performance.now() - this.#measuredAt < knownForMs
    if (!isKnown || this.#unseenBytes > this.#mostUnseenBytes || this.#spareBytes < bytes)
      await this.measure()
    // Where nothing is to stay free the disk says itself when it is full.
    if (this.#keptBytes > 0 && this.#spareBytes < bytes) throw new LowSpaceError()
    this.#spareBytes -= bytes
    this.#unseenBytes += bytes
    this.#writtenBytes += bytes
  }

  async #measure(): Promise<DiskUse> {
    const use = await this.#readUse()
    this.#keptBytes = this.#keepsFree(use)
    this.#spareBytes = use.freeBytes - this.#keptBytes
    this.#measuredAt = performance.now()
    this.#unseenBytes = 0
    this.#mostUnseenBytes = use.totalBytes * unseenShare
    this.#onMeasured(use)
    return use
  }
}
