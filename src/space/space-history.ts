import type { Stores } from '../store/open-stores.ts'
import type { SpaceSample } from '../store/space-history-records.ts'

type Settings = {
  readonly stores: Pick<Stores, 'spaceHistory'>
  readonly now: () => number
  readonly measure: () => Promise<Omit<SpaceSample, 'at'>>
  readonly onError: (error: unknown, what: string) => void
}

export const sampleEveryMs = 10 * 60_000
/** Nothing of it is urgent while a server starts. */
const firstAfterMs = 20_000
const dayMs = 86_400_000
const hourlyAfterMs = 30 * dayMs
const forMs = 366 * dayMs

/** Notes how full the disk is: each ten minutes for thirty days, and each hour for a year. */
export class SpaceHistory {
  readonly #settings: Settings
  readonly #first: NodeJS.Timeout
  readonly #timer: NodeJS.Timeout
  #noting: Promise<void> = Promise.resolve()
  #trimmedAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#first = setTimeout(() => this.#begin(), firstAfterMs).unref()
    this.#timer = setInterval(() => this.#begin(), sampleEveryMs).unref()
  }

  /** Rejects where it couldn't be noted. */
  async note(): Promise<void> {
    const { stores, now, measure } = this.#settings
    const measured = await measure()
    const at = Math.floor(now() / sampleEveryMs) * sampleEveryMs
    await stores.spaceHistory.recordSpace({ at, ...measured })
    if (at - this.#trimmedAt < dayMs) return
    this.#trimmedAt = at
    await stores.spaceHistory.trimSpace({ hourlyBefore: at - hourlyAfterMs, before: at - forMs })
  }

  /** Resolves when nothing of it is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#first)
    clearInterval(this.#timer)
    await this.#noting
  }

  #begin(): void {
    this.#noting = this.#noting
      .then(() => this.note())
      .catch((error) => {
        if (!this.#isClosed) this.#settings.onError(error, "how full the disk is couldn't be noted")
      })
  }
}
