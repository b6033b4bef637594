import { setImmediate } from 'node:timers/promises'
import {
  type CounterName,
  type Counters,
  counterNames,
  type LedgerDimension,
  type LedgerSum,
  type LedgerSums,
} from '../ledger-records.ts'

/** What tells one sum from another. */
export type KeyName = Exclude<keyof LedgerSum, 'counters'>

/**
 * Sums as they go from one thread to another: numbers in one piece, which isn't copied. A row has for each of `keys`
 * the place of its value in `values`, and then the counters in their order.
 */
export type PackedSums = {
  readonly since: number
  readonly until: number
  readonly keys: readonly KeyName[]
  readonly values: readonly (string | number)[]
  readonly cells: Float64Array<ArrayBuffer>
}

const keysOf: Readonly<Record<LedgerDimension, readonly KeyName[]>> = {
  client: ['client'],
  user: ['user'],
  upstream: ['upstream'],
  repository: ['upstream', 'repository'],
  image: ['upstream', 'repository', 'tag'],
  outcome: ['outcome'],
  hour: ['at'],
  day: ['at'],
}

/** Adds up what has the same key. Tens of thousands of rows go through it: it makes few objects. */
export class SumPacker {
  readonly keys: readonly KeyName[]
  readonly #places = new Map<string | number, number>()
  readonly #offsets = new Map<string, number>()
  #cells = new Float64Array(1_024)
  #length = 0

  constructor(by: readonly LedgerDimension[]) {
    this.keys = [...new Set(by.flatMap((dimension) => keysOf[dimension]))]
  }

  get count(): number {
    return this.#offsets.size
  }

  /** Of each of the keys the place of its value, in their order. */
  add(places: readonly number[], counters: readonly number[]): void {
    const key = places.join()
    const from = (this.#offsets.get(key) ?? this.#begin(key, places)) + places.length
    for (let at = 0; at < counters.length; at++) {
      this.#cells[from + at] = (this.#cells[from + at] ?? 0) + (counters[at] ?? 0)
    }
  }

  placeOf(value: string | number): number {
    const known = this.#places.get(value)
    if (known !== undefined) return known
    this.#places.set(value, this.#places.size)
    return this.#places.size - 1
  }

  end(): Pick<PackedSums, 'keys' | 'values' | 'cells'> {
    const cells = this.#cells.slice(0, this.#length)
    return { keys: this.keys, values: [...this.#places.keys()], cells }
  }

  #begin(key: string, places: readonly number[]): number {
    const offset = this.#length
    this.#length += places.length + counterNames.length
    if (this.#length > this.#cells.length) {
      const larger = new Float64Array(2 * this.#cells.length)
      larger.set(this.#cells)
      this.#cells = larger
    }
    this.#cells.set(places, offset)
    this.#offsets.set(key, offset)
    return offset
  }
}

/** A millisecond or so; requests are served between them. */
const unpackedAtOnce = 1_000

export async function unpackSums({
  since,
  until,
  keys,
  values,
  cells,
}: PackedSums): Promise<LedgerSums> {
  const sums: LedgerSum[] = []
  const width = keys.length + counterNames.length
  for (let at = 0; at < cells.length; at += width) {
    const sum: Record<string, unknown> = {}
    for (const [place, name] of keys.entries()) sum[name] = values[cells[at + place] ?? 0]
    sum.counters = readCounters(cells, at + keys.length)
    sums.push(sum as LedgerSum)
    if (sums.length % unpackedAtOnce === 0) await setImmediate()
  }
  return { since, until, sums }
}

function readCounters(cells: Float64Array, from: number): Counters {
  const counters: Partial<Record<CounterName, number>> = {}
  let at = from
  for (const name of counterNames) counters[name] = cells[at++] ?? 0
  return counters as Counters
}
