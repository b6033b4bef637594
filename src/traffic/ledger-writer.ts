import type { LedgerBatch, LedgerRecords, LedgerRow } from '../store/ledger-records.ts'

type Settings = {
  readonly records: LedgerRecords
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

const pauseMs = 1_000
const tryAgainMs = 5_000
const trimEveryMs = 3_600_000
/** Nothing of it is urgent while a server starts. */
const firstTrimMs = 60_000
const dayMs = 86_400_000
const kept = { hoursMs: 30 * dayMs, daysMs: 2 * 366 * dayMs, rows: 8_000_000 }

/**
 * Writes batches of the ledger, one after the other, each once: one that failed is tried again until it is
 * there, under the same number.
 */
export class LedgerWriter {
  readonly #settings: Settings
  #lastId: number
  #waiting: LedgerBatch | undefined
  #writing: Promise<void> | undefined
  #trimming: Promise<void> | undefined
  #trimmedAt = performance.now() - trimEveryMs + firstTrimMs
  #pause: NodeJS.Timeout | undefined
  #isFailing = false

  private constructor(settings: Settings, lastId: number) {
    this.#settings = settings
    this.#lastId = lastId
  }

  static async open(settings: Settings): Promise<LedgerWriter> {
    return new LedgerWriter(settings, await settings.records.findLastBatch())
  }

  /** Whether a batch is still to be written, or was only just. */
  get isBusy(): boolean {
    return this.#waiting !== undefined || this.#pause !== undefined
  }

  /** The caller looks whether it is busy. */
  write(rows: readonly LedgerRow[]): void {
    this.#waiting = { id: ++this.#lastId, rows: rows.map(withWholeCounters) }
    this.#begin()
  }

  /** Writes what waits, then `rows`, and tells if that can't be done. */
  async close(rows: readonly LedgerRow[]): Promise<void> {
    clearTimeout(this.#pause)
    await this.#writing
    clearTimeout(this.#pause)
    await this.#try()
    if (!this.#waiting && rows.length > 0) {
      this.#waiting = { id: ++this.#lastId, rows: rows.map(withWholeCounters) }
      await this.#try()
    }
    await this.#trimming
    if (this.#waiting) {
      const what = "the ledger ends without what was counted last, which couldn't be written"
      this.#settings.onError(undefined, what)
    }
  }

  #begin(): void {
    this.#writing = this.#try().then(() => {
      const afterMs = this.#isFailing ? tryAgainMs : pauseMs
      this.#pause = setTimeout(() => this.#goOn(), afterMs).unref()
      this.#trimIfDue()
    })
  }

  #goOn(): void {
    this.#pause = undefined
    if (this.#waiting) this.#begin()
  }

  async #try(): Promise<void> {
    if (!this.#waiting) return
    try {
      await this.#settings.records.addTraffic(this.#waiting)
      this.#waiting = undefined
      this.#isFailing = false
    } catch (error) {
      const what = "the ledger can't be written; what is counted waits, and is tried again"
      if (!this.#isFailing) this.#settings.onError(error, what)
      this.#isFailing = true
    }
  }

  #trimIfDue(): void {
    if (this.#trimming || performance.now() - this.#trimmedAt < trimEveryMs) return
    this.#trimmedAt = performance.now()
    this.#trimming = this.#trim().finally(() => {
      this.#trimming = undefined
    })
  }

  async #trim(): Promise<void> {
    const { records, now, onError } = this.#settings
    const [hoursBefore, daysBefore] = [now() - kept.hoursMs, now() - kept.daysMs]
    try {
      await records.trimTraffic({ hoursBefore, daysBefore, most: kept.rows })
    } catch (error) {
      onError(error, 'old rows of the ledger could not be removed; it is tried again in an hour')
    }
  }
}

/** Times are added up in fractions of milliseconds. */
function withWholeCounters(row: LedgerRow): LedgerRow {
  const whole = Object.entries(row.counters).map(([name, value]) => [name, Math.round(value)])
  return { ...row, counters: Object.fromEntries(whole) }
}
