import type { Thing } from '../demands.ts'
import type { Order } from './order.ts'
import { Queue } from './queue.ts'

/**
 * LRU, but what was used only once since it came in, and is not smaller than `fromBytes`, ages
 * `factor` times as fast: of the coldest such thing and the coldest other one, the one goes whose
 * age so counted is greater.
 */
export class ProbationOrder implements Order {
  readonly #factor: number
  readonly #fromBytes: number
  // Both from the coldest to the hottest.
  readonly #onProbation = new Queue()
  readonly #others = new Queue()
  readonly #usedAt = new Map<number, number>()

  constructor(factor: number, fromBytes = 0) {
    this.#factor = factor
    this.#fromBytes = fromBytes
  }

  use(thing: Thing, at: number): void {
    const isAgain = this.#onProbation.remove(thing) || this.#others.remove(thing)
    const isTrusted = isAgain || thing.sizeBytes < this.#fromBytes
    const queue = isTrusted ? this.#others : this.#onProbation
    queue.push(thing)
    this.#usedAt.set(thing.id, at)
  }

  victim(at: number): Thing | undefined {
    const one = this.#onProbation.first()
    const other = this.#others.first()
    if (one === undefined || other === undefined) return one ?? other
    return this.#age(one, at) * this.#factor >= this.#age(other, at) ? one : other
  }

  remove(thing: Thing): void {
    this.#onProbation.remove(thing)
    this.#others.remove(thing)
    this.#usedAt.delete(thing.id)
  }

  #age({ id }: Thing, at: number): number {
    return at - (this.#usedAt.get(id) ?? at)
  }
}
