import type { AuditRecords } from '../store/audit-records.ts'

type Settings = {
  readonly records: AuditRecords
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

const keptMs = 2 * 366 * 86_400_000
/** A million, some 300 bytes each with their place in the index: 300 MB. Beyond it, no more than are added between two trims. */
const most = { ok: 800_000, denied: 100_000, failed: 100_000 }
const everyAdded = 10_000
const everyMs = 3_600_000
/** Nothing of it is urgent while a server starts. */
const firstAfterMs = 60_000

/** Has the oldest records go, now and then while others come. */
export class Trimming {
  readonly #settings: Settings
  #added = 0
  #trimmedAt = performance.now() - everyMs + firstAfterMs
  #running: Promise<void> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  noteAdded(count: number): void {
    this.#added += count
    const isDue = this.#added >= everyAdded || performance.now() - this.#trimmedAt >= everyMs
    if (!isDue || this.#running !== undefined) return
    this.#added = 0
    this.#trimmedAt = performance.now()
    this.#running = this.#trim().finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    await this.#running
  }

  async #trim(): Promise<void> {
    const { records, now, onError } = this.#settings
    await records.trimAudit({ before: now() - keptMs, most }).catch((error: unknown) => {
      onError(error, 'old records of the audit could not be removed; it is tried again')
    })
  }
}
