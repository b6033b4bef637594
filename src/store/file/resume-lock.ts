import { FolderLock } from './folder-lock.ts'

type OnError = (error: unknown, what: string) => void

const retryAfterMs = 5_000

/**
 * Whether this process may go on with what an earlier one left unfinished in the data folder: two may
 * have been started on it by mistake.
 */
export class ResumeLock {
  readonly #file: string | undefined
  readonly #onError: OnError
  #lock: FolderLock | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #isLackKnown = false

  /** `onError` hears, once, why it can't be had. Without a file, it is left to another process. */
  constructor(file: string | undefined, onError: OnError) {
    this.#file = file
    this.#onError = onError
  }

  /** Tries now and then: a process that was still ending when this one began is gone by now. */
  async isHeld(): Promise<boolean> {
    const isRecent = performance.now() - this.#triedAt < retryAfterMs
    return this.#lock || isRecent ? (await this.#lock?.isHeld()) === true : this.ensure()
  }

  /** Tries now. */
  async ensure(): Promise<boolean> {
    if (this.#file === undefined) return false
    this.#triedAt = performance.now()
    if (await this.#lock?.isHeld()) return true
    try {
      const lock = FolderLock.take(this.#file)
      this.#lock?.release()
      this.#lock = lock
      this.#isLackKnown = false
      return true
    } catch (error) {
      if (!this.#isLackKnown) this.#onError(error, explain(error))
      this.#isLackKnown = true
      return false
    }
  }

  /** The next process may have it at once. */
  release(): void {
    this.#lock?.release()
    this.#lock = undefined
  }
}

function explain(error: unknown): string {
  const isBusy = (error as { code?: string }).code === 'SQLITE_BUSY'
  const why = isBusy ? 'another process uses the data folder' : "partial.lock can't be locked"
  return `unfinished fetches and pushes aren't resumed: ${why}`
}
