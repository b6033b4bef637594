import { setImmediate } from 'node:timers/promises'
import type { AuditLines } from '../store/audit-lines.ts'
import type { AuditRecords, NewAudit } from '../store/audit-records.ts'
import type { AnyAudit, AuditEvent } from './any-audit.ts'
import { formatAuditLine } from './audit-line.ts'
import { boundEvent } from './bound-event.ts'
import { type Entry, Folding } from './folding.ts'
import { Trimming } from './trimming.ts'

type Settings = {
  readonly records: AuditRecords
  readonly lines: AuditLines
  readonly now: () => number
  /** Hears when it can't be written any more; once, until it can again. */
  readonly onError: (error: unknown, what: string) => void
}

const writeEveryMs = 500
const tryAgainMs = 5_000
/** Some milliseconds of the thread that also serves. */
const recordsAtOnce = 100

/**
 * Gathers what is noted and writes it twice, as rows and as lines of text, each within half a second. What
 * can't be written is tried again until it is; what there is no room for meanwhile is counted, and told too.
 * A killed server loses the last half second, and of the lines how often things happened in the last minute.
 */
export class Audit implements AnyAudit {
  readonly #settings: Settings
  readonly #folding = new Folding()
  readonly #trimming: Trimming
  #timer: NodeJS.Timeout | undefined
  #lost = 0
  #writing: Promise<void> = Promise.resolve()
  /** Whether the last try failed, of each. */
  readonly #failing = { rows: false, lines: false }
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#trimming = new Trimming(settings)
  }

  note(event: AuditEvent): void {
    if (!this.#folding.add(boundEvent(event))) this.#lost++
    this.#arm()
  }

  /** Writes what is left, and tells if that can't be done. Nothing may be noted afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#writing
    await this.#write({ isLast: true })
    // What was lost before is a record too, which comes only once others could be written.
    if (!this.#failing.rows) await this.#write({ isLast: true })
    await this.#trimming.close()
    const count = this.#lost + this.#folding.listUnlisted().length
    if (count === 0) return
    const last = count === 1 ? 'record' : `${count} records`
    const what = `the audit ends without the last ${last}, which couldn't be written`
    this.#settings.onError(undefined, what)
  }

  #arm(): void {
    if (this.#isClosed || this.#timer !== undefined) return
    const isFailing = this.#failing.rows || this.#failing.lines
    this.#timer = setTimeout(() => this.#begin(), isFailing ? tryAgainMs : writeEveryMs).unref()
  }

  #begin(): void {
    this.#writing = this.#write({ isLast: false }).then(() => {
      this.#timer = undefined
      // Also for the end of a minute.
      if (!this.#folding.isEmpty) this.#arm()
    })
  }

  /** Never rejects. */
  async #write({ isLast }: { isLast: boolean }): Promise<void> {
    await this.#try('rows', 'records', () => this.#writeRows())
    this.#noteLoss()
    await this.#try('lines', 'lines of text', () => this.#writeLines(isLast))
    this.#folding.sweep(this.#settings.now())
  }

  async #try(part: 'rows' | 'lines', name: string, write: () => Promise<void>): Promise<void> {
    try {
      await write()
      this.#failing[part] = false
    } catch (error) {
      if (!this.#failing[part]) {
        const what = `the audit's ${name} can't be written; they wait, and are tried again`
        this.#settings.onError(error, what)
      }
      this.#failing[part] = true
    }
  }

  async #writeRows(): Promise<void> {
    const entries = this.#folding.listUnlisted()
    for (let start = 0; start < entries.length; start += recordsAtOnce) {
      await this.#writeSome(entries.slice(start, start + recordsAtOnce))
      await setImmediate()
    }
    this.#trimming.noteAdded(entries.length)
  }

  async #writeSome(entries: readonly Entry[]): Promise<void> {
    const fresh = entries.filter(({ id }) => id === undefined)
    const times = entries.map((entry) => entry.times)
    const repeated = entries.flatMap(({ id, times, lastAt }) =>
      id === undefined ? [] : [{ id, times, lastAt }],
    )
    const ids = await this.#settings.records.recordAudit({ added: fresh.map(toRecord), repeated })
    fresh.forEach((entry, index) => {
      entry.id = ids[index]
    })
    // Those that happened meanwhile are written next time.
    entries.forEach((entry, index) => {
      entry.listed = times[index] ?? 0
    })
  }

  async #writeLines(isLast: boolean): Promise<void> {
    const now = this.#settings.now()
    const entries = this.#folding.listUnlogged(now, { isLast })
    if (entries.length === 0) return
    const times = entries.map((entry) => entry.times)
    const lines = entries.map((entry) =>
      formatAuditLine({ ...toRecord(entry), times: entry.times - entry.logged }),
    )
    await this.#settings.lines.append(lines.join(''), now)
    entries.forEach((entry, index) => {
      entry.logged = times[index] ?? 0
    })
  }

  /** There is room again once something is written. */
  #noteLoss(): void {
    if (this.#lost === 0 || this.#failing.rows) return
    const records = this.#lost === 1 ? '1 record is' : `${this.#lost} records are`
    const detail = `${records} missing: none could be written, and too many waited`
    const lost = { what: 'lost', who: 'operator', subject: 'audit', result: 'failed' } as const
    if (this.#folding.add({ at: this.#settings.now(), ...lost, detail })) this.#lost = 0
  }
}

function toRecord({ event, times, lastAt }: Entry): NewAudit {
  return { ...event, from: event.from, detail: event.detail, times, lastAt }
}
