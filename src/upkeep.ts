import type { Logger } from 'pino'
import { formatBytes } from './config/units.ts'
import type { Hosted } from './hosted/hosted.ts'
import type { Freed } from './store/unowned-records.ts'

type Settings = {
  readonly prune: () => ReturnType<Hosted['prune']>
  readonly free: () => Promise<Freed>
  readonly logger: Logger
}

/** Nothing of it is urgent while a server starts. */
const firstAfterMs = 60_000
const everyMs = 3_600_000
/** Who removes something often removes more. */
const afterRemovalMs = 10_000

/** What is done now and then: old pushes go as the rules of retention say, and what nobody needs is freed. */
export class Upkeep {
  readonly #settings: Settings
  readonly #hourly: NodeJS.Timeout
  #next: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#hourly = setInterval(() => this.#begin(), everyMs).unref()
    this.#next = setTimeout(() => this.#begin(), firstAfterMs).unref()
  }

  /** Something was removed: what it leaves is freed soon. */
  noteRemoval(): void {
    // What is under way as the server stops may still remove something.
    if (this.#isClosed) return
    clearTimeout(this.#next)
    this.#next = setTimeout(() => this.#begin(), afterRemovalMs).unref()
  }

  /** Resolves when nothing of it is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#hourly)
    clearTimeout(this.#next)
    await this.#running
  }

  #begin(): void {
    this.#running = this.#running.then(() => this.#run())
  }

  async #run(): Promise<void> {
    const { prune, free, logger } = this.#settings
    try {
      for (const { repository, tags, digest } of await prune()) {
        logger.info(
          { repository, tags, digest },
          `retention removed ${repository} ${tags.join(' ')}`,
        )
      }
      const { blobs, bytes } = await free()
      if (blobs > 0) logger.info({ blobs, bytes }, `freed ${formatBytes(bytes)}, blobs: ${blobs}`)
    } catch (err) {
      logger.warn({ err }, 'the upkeep of what was pushed failed; it is tried again in an hour')
    }
  }
}
