import { stat } from 'node:fs/promises'
import { unlessMissing } from '../file/unless-missing.ts'
import type { CheckpointData } from './checkpoint-thread.ts'
import { runThread } from './run-thread.ts'

const lookEveryMs = 5_000
/** A log that is smaller isn't worth a thread. */
export const worthwhileBytes = 8 * 1024 * 1024

/**
 * Brings what SQLite wrote to its log into the database file. That reads, writes and syncs many
 * megabytes at once, for which the event loop would stand still, so a thread does it that comes and goes.
 */
export class Checkpoints {
  readonly #file: string
  readonly #onError: (error: unknown, what: string) => void
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isFailing = false
  /** When the log was last written before the last checkpoint; it is as long afterwards, until it is written again. */
  #doneUpToMs: number | undefined

  /** `onError` hears of the first of several failures. */
  constructor(file: string, onError: (error: unknown, what: string) => void) {
    this.#file = file
    this.#onError = onError
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref()
  }

  /** What is left in the log is brought over when the database is closed. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  #look(): void {
    this.#running ??= this.#makeIfWorthwhile()
      .then(() => {
        this.#isFailing = false
      })
      .catch((error) => {
        if (!this.#isFailing) this.#onError(error, "the database's log can't be shortened")
        this.#isFailing = true
      })
      .finally(() => {
        this.#running = undefined
      })
  }

  async #makeIfWorthwhile(): Promise<void> {
    const log = await unlessMissing(stat(`${this.#file}-wal`))
    if (!log || log.size < worthwhileBytes || log.mtimeMs === this.#doneUpToMs) return
    await runThread('checkpoint', { file: this.#file } satisfies CheckpointData)
    this.#doneUpToMs = log.mtimeMs
  }
}
