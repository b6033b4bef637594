import type { BlobProgress } from './blob-progress.ts'

/** Where one hardly ever waited for so long, and not all connections were busy, fewer will do. */
const hardlyEverShare = 0.1
const watchedMs = 1_000

/** Watches whether it is the reader that takes no more: then what is fetched ahead would only lie in memory. */
export class SurplusWatch {
  #last: BlobProgress | undefined
  #since: BlobProgress | undefined
  /** Since then, of all connections together. */
  #busyMs = 0

  /** Takes in how the blob is doing. Says whether one connection less than `wanted` will do. */
  observe(progress: BlobProgress, wanted: number): boolean {
    const last = this.#last ?? progress
    const since = this.#since ?? progress
    this.#last = progress
    this.#since ??= progress
    this.#busyMs += (progress.atMs - last.atMs) * last.flowing
    const elapsedMs = progress.atMs - since.atMs
    if (elapsedMs < watchedMs) return false
    const waiting = (progress.waitedMs - since.waitedMs) / elapsedMs
    const busy = this.#busyMs / elapsedMs
    this.#since = progress
    this.#busyMs = 0
    return waiting < hardlyEverShare && busy <= wanted - 1
  }
}
