import type { BlobProgress } from './blob-progress.ts'

/** A new connection begins slowly (TCP), so that it is measured only after a while. */
const settlesMs = 300
/** How long is measured before there can be a yes; a no takes three times as long. */
const measuredMs = 400
const mostTimes = 3

/** Finds a time in which a blob's rate tells something: all its connections flow, and nothing disturbs them. */
export class Measurement {
  #phase: 'opening' | 'settling' | 'measuring' = 'opening'
  #since: BlobProgress | undefined
  #times = 0

  /** Whether it has been as long as it is ever to be. */
  get isLong(): boolean {
    return this.#times >= mostTimes
  }

  /** The number of blobs by which it began; undefined before anything has come. */
  get blobs(): number | undefined {
    return this.#since?.blobs
  }

  /** Gives how it was at the beginning once that was long enough ago, and again when it is longer. */
  observe(progress: BlobProgress, wanted: number): BlobProgress | undefined {
    const since = this.#since ?? progress
    this.#since = since
    const elapsedMs = progress.atMs - since.atMs
    if (this.#phase === 'opening') {
      if (progress.flowing >= wanted) this.#enter('settling', progress)
    } else if (isDisturbed(progress, wanted)) this.#enter('settling', progress)
    else if (this.#phase === 'settling') {
      if (elapsedMs >= settlesMs) this.#enter('measuring', progress)
    } else if (elapsedMs >= measuredMs * (this.#times + 1)) {
      this.#times++
      return since
    }
    return undefined
  }

  /** From the moment on in which there are as many connections as are wanted now. */
  reopen(): void {
    this.#phase = 'opening'
  }

  /** The same, with nothing that was before. */
  beginAnew(progress: BlobProgress): void {
    this.#enter('opening', progress)
  }

  /** From now on, with the connections as they are. */
  goOn(progress: BlobProgress): void {
    this.#enter('measuring', progress)
  }

  #enter(phase: 'opening' | 'settling' | 'measuring', progress: BlobProgress): void {
    this.#phase = phase
    this.#since = progress
    this.#times = 0
  }
}

/** By want of connections, or by some that were taken back and aren't at their end yet. */
function isDisturbed(progress: BlobProgress, wanted: number): boolean {
  return progress.isDisturbed || progress.flowing > wanted
}
