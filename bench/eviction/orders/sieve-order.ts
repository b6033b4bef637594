import type { Thing } from '../demands.ts'
import type { Order } from './order.ts'
import { Queue } from './queue.ts'

/**
 * SIEVE (Zhang et al., NSDI'24): a hand goes from the oldest to the newest and around, takes what
 * wasn't used since it last passed, and spares the others, which keep their places.
 */
export class SieveOrder implements Order {
  readonly #queue = new Queue()
  readonly #used = new Set<number>()
  #hand: Thing | undefined

  use(thing: Thing): void {
    if (this.#queue.has(thing)) this.#used.add(thing.id)
    else this.#queue.push(thing)
  }

  victim(): Thing | undefined {
    let thing = this.#hand ?? this.#queue.first()
    while (thing !== undefined && this.#used.delete(thing.id))
      thing = this.#queue.after(thing) ?? this.#queue.first()
    this.#hand = thing
    return thing
  }

  remove(thing: Thing): void {
    if (this.#hand?.id === thing.id) this.#hand = this.#queue.after(thing)
    this.#queue.remove(thing)
    this.#used.delete(thing.id)
  }
}
