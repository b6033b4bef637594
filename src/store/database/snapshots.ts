import type { SnapshotFolder } from './snapshot-folder.ts'

type Settings = {
  readonly folder: Pick<SnapshotFolder, 'list' | 'take'>
  /** Of the database, as the newest migration leaves it. */
  readonly version: number
  readonly now: () => number
  /** Hears of each that fails. */
  readonly onError: (error: unknown, what: string) => void
}

/** Nothing of it is urgent while a server starts. */
const firstLookAfterMs = 60_000
const dayMs = 24 * 3_600_000
/** Also where the next is due later: somebody may set the clock meanwhile. And a disk may have room by then. */
const lookEveryMs = 3_600_000

/** Takes a snapshot of the database a day, counted from the newest there is: however often the server restarts. */
export class Snapshots {
  readonly #settings: Settings
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout
  #running: Promise<void> = Promise.resolve()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#timer = this.#lookAfter(firstLookAfterMs)
  }

  /** Breaks off one that is being taken; nothing is left of it. */
  async close(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  #lookAfter(delayMs: number): NodeJS.Timeout {
    const look = () => {
      this.#running = this.#look()
    }
    return setTimeout(look, delayMs).unref()
  }

  async #look(): Promise<void> {
    const { folder, version, onError } = this.#settings
    const { signal } = this.#stopping
    let waitMs = lookEveryMs
    try {
      if ((await this.#dueInMs()) <= 0) await folder.take(version, signal)
      waitMs = Math.min(waitMs, await this.#dueInMs())
    } catch (error) {
      if (!signal.aborted) {
        onError(error, 'no snapshot of the database could be taken; it is tried again in an hour')
      }
    }
    if (!signal.aborted) this.#timer = this.#lookAfter(Math.max(waitMs, firstLookAfterMs))
  }

  /** Not above 0 where none was taken within a day, one of the future left aside. */
  async #dueInMs(): Promise<number> {
    const { folder, now } = this.#settings
    const newest = (await folder.list()).find(({ takenAt }) => takenAt <= now())
    return newest ? newest.takenAt + dayMs - now() : 0
  }
}
