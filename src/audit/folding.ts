import type { AuditEvent } from './any-audit.ts'
import { StrangerLimit } from './stranger-limit.ts'

/** One record in the making. */
export type Entry = {
  readonly event: AuditEvent
  lastAt: number
  /** How often it happened so far. */
  times: number
  /** Of its row, once that is written. */
  id: number | undefined
  /** How many of `times` the row has. */
  listed: number
  /** And the lines. */
  logged: number
}

const windowMs = 60_000
/** Of at most 1.7 KB each. */
const mostEntries = 10_000

/**
 * What was noted and isn't written yet, and what was within the last minute: the same again within that
 * time, or before it could be written, makes no record of its own.
 */
export class Folding {
  readonly #entries = new Map<string, Entry>()
  readonly #strangers = new StrangerLimit(windowMs)

  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  /** False where there is no room for it. */
  add(event: AuditEvent): boolean {
    if (this.#repeat(event)) return true
    const counted = this.#strangers.limit(event)
    if (counted !== event && this.#repeat(counted)) return true
    if (this.#entries.size >= mostEntries && !this.#makeRoom()) return false
    const entry = {
      event: counted,
      lastAt: counted.at,
      times: 1,
      id: undefined,
      listed: 0,
      logged: 0,
    }
    this.#entries.set(keyOf(counted), entry)
    return true
  }

  /** Whose row isn't there, or counts too little; the earliest first. */
  listUnlisted(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ listed, times }) => listed < times)
  }

  /** That have no line, and those whose minute is over and that happened again since the one they have. */
  listUnlogged(now: number, { isLast = false } = {}): readonly Entry[] {
    return [...this.#entries.values()].filter(
      (entry) =>
        entry.logged === 0 || (entry.logged < entry.times && (isLast || isOver(entry, now))),
    )
  }

  /** Forgets what is written and whose minute is over. */
  sweep(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (isWritten(entry) && isOver(entry, now)) this.#entries.delete(key)
    }
  }

  #repeat(event: AuditEvent): boolean {
    const key = keyOf(event)
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    if (isOver(entry, event.at) && isWritten(entry)) {
      this.#entries.delete(key)
      return false
    }
    entry.times++
    entry.lastAt = Math.max(entry.lastAt, event.at)
    return true
  }

  /** Of what is written: should it happen again, it becomes a record of its own. */
  #makeRoom(): boolean {
    for (const [key, entry] of this.#entries) {
      if (isWritten(entry)) return this.#entries.delete(key)
    }
    return false
  }
}

function isWritten({ listed, logged, times }: Entry): boolean {
  return listed === times && logged === times
}

/** Also where the clock was set back. */
function isOver({ event }: Entry, now: number): boolean {
  return Math.abs(now - event.at) >= windowMs
}

function keyOf({ who, from = '', what, subject, result, detail = '' }: AuditEvent): string {
  return JSON.stringify([who, from, what, subject, result, detail])
}
