import type { Thing } from '../demands.ts'
import type { Order } from './order.ts'
import { RankedOrder } from './ranked-order.ts'

/**
 * Knows the future: what is asked for again latest goes first, and what is never asked for again
 * isn't kept at all (Belady, 1966). Where sizes differ it is no exact bound, but a mark that no
 * order that has to guess comes near to.
 */
export class BeladyOrder implements Order {
  readonly #next: Float64Array
  readonly #order: RankedOrder

  /** `requests`: all that will be asked for, one for each `at`. */
  constructor(requests: readonly Thing[]) {
    const next = findNextRequests(requests)
    this.#next = next
    this.#order = new RankedOrder(({ at }) => -(next[at] as number))
  }

  use(thing: Thing, at: number): void {
    this.#order.use(thing, at)
  }

  victim(): Thing | undefined {
    return this.#order.victim()
  }

  remove(thing: Thing): void {
    this.#order.remove(thing)
  }

  admits(at: number): boolean {
    return Number.isFinite(this.#next[at])
  }
}

/** For each request the one that asks for the same next; infinity when none does. */
const findNextRequests = (requests: readonly Thing[]): Float64Array => {
  const next = new Float64Array(requests.length)
  const later = new Map<number, number>()
  for (let at = requests.length - 1; at >= 0; at--) {
    const { id } = requests[at] as Thing
    next[at] = later.get(id) ?? Number.POSITIVE_INFINITY
    later.set(id, at)
  }
  return next
}
