import type { Thing } from '../demands.ts'
import type { Order } from './order.ts'
import { Queue } from './queue.ts'

const smallShare = 0.1
const mostUses = 3

/**
 * S3-FIFO (Yang et al., SOSP'23), by bytes: what comes in waits in a small queue, and goes from
 * there unless it was used twice meanwhile; the main queue gives another round for each use. What
 * the small queue let go is remembered, as much of it as the main queue holds, and goes straight
 * to the main queue when it comes back.
 */
export class S3FifoOrder implements Order {
  readonly #small = new Queue()
  readonly #main = new Queue()
  readonly #ghosts = new Queue()
  readonly #uses = new Map<number, number>()
  readonly #smallBytes: number
  readonly #ghostBytes: number

  constructor(capacityBytes: number) {
    this.#smallBytes = smallShare * capacityBytes
    this.#ghostBytes = capacityBytes - this.#smallBytes
  }

  use(thing: Thing): void {
    const uses = this.#uses.get(thing.id)
    this.#uses.set(thing.id, uses === undefined ? 0 : Math.min(mostUses, uses + 1))
    if (uses !== undefined) return
    const isKnown = this.#ghosts.remove(thing)
    const queue = isKnown ? this.#main : this.#small
    queue.push(thing)
  }

  victim(): Thing | undefined {
    for (;;) {
      const isSmallFull = this.#small.bytes >= this.#smallBytes
      const small = this.#small.first()
      const main = this.#main.first()
      const thing = isSmallFull ? (small ?? main) : (main ?? small)
      if (thing === undefined || this.#isDue(thing)) return thing
    }
  }

  remove(thing: Thing): void {
    this.#uses.delete(thing.id)
    this.#main.remove(thing)
    if (this.#small.remove(thing)) this.#remember(thing)
  }

  /** If not, it gets its next chance in the main queue. */
  #isDue(thing: Thing): boolean {
    const uses = this.#uses.get(thing.id) ?? 0
    const isSmall = this.#small.has(thing)
    if (isSmall ? uses < 2 : uses < 1) return true
    this.#uses.set(thing.id, isSmall ? 0 : uses - 1)
    this.#small.remove(thing)
    this.#main.remove(thing)
    this.#main.push(thing)
    return false
  }

  #remember(thing: Thing): void {
    this.#ghosts.push(thing)
    let oldest = this.#ghosts.first()
    while (oldest !== undefined && this.#ghosts.bytes > this.#ghostBytes) {
      this.#ghosts.remove(oldest)
      oldest = this.#ghosts.first()
    }
  }
}
