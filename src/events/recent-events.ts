import type { Event } from './any-events.ts'

const mostKept = 1_000

type Numbered = { readonly number: number; readonly event: Event }

/** The last events, for whoever was away for a moment. */
export class RecentEvents {
  /** As a ring: the oldest is where the next one goes. */
  readonly #kept: Numbered[] = []
  #next = 0
  /** Of the newest that is gone. */
  #lost = 0

  /** `number` grows from event to event. */
  add(number: number, event: Event): void {
    this.#lost = this.#kept[this.#next]?.number ?? this.#lost
    this.#kept[this.#next] = { number, event }
    this.#next = (this.#next + 1) % mostKept
  }

  /** Those with a greater number in their order, and whether all of them are there. */
  listAfter(number: number): { readonly events: readonly Event[]; readonly isWhole: boolean } {
    const inOrder = [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)]
    const events = inOrder.filter((each) => each.number > number).map(({ event }) => event)
    return { events, isWhole: number >= this.#lost }
  }
}
