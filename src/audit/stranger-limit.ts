import type { AuditEvent } from './any-audit.ts'

/** Records in a minute of what wasn't done, which anybody can bring about, under as many names as he likes. */
const mostOfOne = 20
const mostOfAll = 100
/** What no name, address or image is called. */
const many = '(many)'

/**
 * Beyond that they are only counted: then for each address, then for all together, what they tried. So an
 * attack makes some 120 records a minute, 40 KB, and not 100 MB as it might.
 */
export class StrangerLimit {
  readonly #windowMs: number
  #since = Number.NEGATIVE_INFINITY
  #ofAll = 0
  readonly #ofEach = new Map<string, number>()

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** The event itself, or what it is counted under. */
  limit(event: AuditEvent): AuditEvent {
    if (event.result === 'ok') return event
    this.#renew(event.at)
    if (this.#ofAll >= mostOfAll)
      return { ...event, who: many, from: many, subject: many, detail: undefined }
    // By address alone: whose name is tried in vain is anybody's choice, as an image's is.
    const one = event.from ?? event.who
    const count = this.#ofEach.get(one) ?? 0
    if (count >= mostOfOne) return { ...event, who: many, subject: many, detail: undefined }
    this.#ofEach.set(one, count + 1)
    this.#ofAll++
    return event
  }

  #renew(at: number): void {
    if (Math.abs(at - this.#since) < this.#windowMs) return
    this.#since = at
    this.#ofAll = 0
    this.#ofEach.clear()
  }
}
