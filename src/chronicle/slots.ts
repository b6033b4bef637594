import {
  firstByteBounds,
  type Slot,
  type SlotCounter,
  slotCounterNames,
  slotLengthsMs,
} from '../store/chronicle-records.ts'

export type Place = { readonly upstream: string; readonly origin: string }
type Counts = Record<SlotCounter, number>
type Waiting = Omit<Slot, 'counts' | 'answeredAt'> & { counts: Counts; answeredAt: number }

/** An hour of eighty URLs, or five minutes of very many that were met through `*`: nobody looks at more. */
const mostWaiting = 1_000
const last = firstByteBounds.length as 12

/** What is counted and isn't written yet. */
export class Slots {
  #waiting = new Map<string, Waiting>()

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  count(place: Place, counter: SlotCounter, at: number, count = 1): void {
    const slot = this.#find(place, at)
    if (slot) slot.counts[counter] += count
  }

  /** Upstream has answered, after so long. */
  countAnswer(place: Place, at: number, afterMs: number): void {
    const slot = this.#find(place, at)
    if (!slot) return
    const index = firstByteBounds.findIndex((bound) => afterMs <= bound)
    slot.counts[`took${index < 0 ? last : (index as typeof last)}`]++
    slot.answeredAt = at
  }

  /** All of it; what can't be written is put back. */
  take(): readonly Slot[] {
    const taken = [...this.#waiting.values()]
    this.#waiting = new Map()
    return taken
  }

  putBack(slots: readonly Slot[]): void {
    for (const { upstream, url, at, answeredAt, counts } of slots) {
      const slot = this.#find({ upstream, origin: url }, at)
      if (!slot) continue
      for (const name of slotCounterNames) slot.counts[name] += counts[name]
      slot.answeredAt = Math.max(slot.answeredAt, answeredAt)
    }
  }

  /** Undefined where there is no room for another. */
  #find({ upstream, origin: url }: Place, now: number): Waiting | undefined {
    const at = now - (now % slotLengthsMs.short)
    const key = `${at} ${upstream} ${url}`
    const known = this.#waiting.get(key)
    if (known || this.#waiting.size >= mostWaiting) return known
    const slot = { upstream, url, at, answeredAt: 0, counts: noCounts() }
    this.#waiting.set(key, slot)
    return slot
  }
}

function noCounts(): Counts {
  return Object.fromEntries(slotCounterNames.map((name) => [name, 0])) as Counts
}
