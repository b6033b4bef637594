import type { ChronicleRecords, SlotCounter } from '../store/chronicle-records.ts'
import { withoutNames } from '../upstream/without-names.ts'
import { type Place, Slots } from './slots.ts'
import { type News, Troubles } from './troubles.ts'

type Settings = {
  readonly records: ChronicleRecords
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
  /** Counts what is known only by then; gives whether there will be more of it. */
  readonly beforeWrite: () => Promise<boolean>
}

const writeEveryMs = 30_000
const trimEveryMs = 3_600_000
const keptMs = { short: 2 * 86_400_000, long: 30 * 86_400_000 }
/** 200 bytes each: 20 MB. One URL has some 1,300. */
const most = 100_000

/** Gathers what is heard of upstreams, and writes it twice a minute. */
export class ChronicleWriter {
  readonly #settings: Settings
  readonly #slots = new Slots()
  readonly #troubles = new Troubles()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<boolean> = Promise.resolve(false)
  #trimmedAt = Number.NEGATIVE_INFINITY
  #isFailing = false
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  count(place: Place, counter: SlotCounter, count = 1): void {
    this.#slots.count(place, counter, this.#settings.now(), count)
    this.#arm()
  }

  countAnswer(place: Place, afterMs: number): void {
    this.#slots.countAnswer(place, this.#settings.now(), afterMs)
    this.#arm()
  }

  note(news: News): void {
    this.#troubles.add({ ...news, message: withoutNames(news.message) }, this.#settings.now())
    this.#arm()
  }

  /** Writes what is gathered, one batch after the other; gives whether there will be more. Never rejects. */
  write(): Promise<boolean> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.write()
  }

  #arm(): void {
    if (this.#isClosed || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      void this.write().then((isMore) => {
        this.#timer = undefined
        if (isMore) this.#arm()
      })
    }, writeEveryMs).unref()
  }

  async #write(): Promise<boolean> {
    const { records, onError, beforeWrite } = this.#settings
    const goesOn = await beforeWrite()
    const [slots, troubles] = [this.#slots.take(), this.#troubles.take()]
    try {
      if (slots.length > 0 || troubles.length > 0) await records.addChronicle({ slots, troubles })
      this.#isFailing = false
    } catch (error) {
      this.#slots.putBack(slots)
      this.#troubles.putBack(troubles)
      const what = "how upstreams do can't be written; it waits, and is tried again"
      if (!this.#isFailing) onError(error, what)
      this.#isFailing = true
    }
    if (!this.#isFailing) await this.#trim()
    return goesOn || !this.#slots.isEmpty || !this.#troubles.isEmpty
  }

  async #trim(): Promise<void> {
    const { records, now, onError } = this.#settings
    if (performance.now() - this.#trimmedAt < trimEveryMs) return
    this.#trimmedAt = performance.now()
    const [shortBefore, longBefore] = [now() - keptMs.short, now() - keptMs.long]
    const bounds = { shortBefore, longBefore, troublesBefore: longBefore, most }
    await records.trimChronicle(bounds).catch((error) => {
      onError(error, "what is known of upstreams for too long can't be removed; it is tried again")
    })
  }
}
