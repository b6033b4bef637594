import type { Thing } from '../demands.ts'
import { Heap, type Ranked } from './heap.ts'
import type { Order } from './order.ts'

/** What a rank can be made of. */
export interface Use {
  readonly thing: Thing
  /** How many requests were before this one. */
  readonly at: number
  /** Of this thing since it came in, this one too. */
  readonly uses: number
  /** Its rank till now; undefined of what comes in. */
  readonly rank: number | undefined
  /** The rank of the last victim: what is used now starts from there, so that old fame fades. */
  readonly floor: number
}

/** What a thing is worth from now until its next use. */
export type Ranking = (use: Use) => number

interface Entry extends Ranked {
  readonly thing: Thing
  uses: number
}

/** The least worth first, by a ranking that changes only when a thing is used. */
export class RankedOrder implements Order {
  readonly #ranking: Ranking
  readonly #entries = new Map<number, Entry>()
  readonly #heap = new Heap<Entry>()
  #floor = 0

  constructor(ranking: Ranking) {
    this.#ranking = ranking
  }

  use(thing: Thing, at: number): void {
    const entry = this.#entries.get(thing.id)
    const uses = (entry?.uses ?? 0) + 1
    const rank = this.#ranking({ thing, at, uses, rank: entry?.rank, floor: this.#floor })
    if (entry === undefined) {
      this.#add({ thing, uses, rank, place: 0 })
    } else {
      entry.uses = uses
      this.#heap.move(entry, rank)
    }
  }

  victim(): Thing | undefined {
    return this.#heap.first()?.thing
  }

  remove(thing: Thing): void {
    const entry = this.#entries.get(thing.id)
    if (entry === undefined) return
    this.#floor = Math.max(this.#floor, entry.rank)
    this.#entries.delete(thing.id)
    this.#heap.remove(entry)
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.thing.id, entry)
    this.#heap.add(entry)
  }
}
