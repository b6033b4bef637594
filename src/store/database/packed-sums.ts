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
export type SumKey = Omit<LedgerSum, 'counters'>
type KeyName = keyof SumKey

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

/** Adds up what has the same key. */
export class SumPacker {
  readonly #keys: readonly KeyName[]
  readonly #places = new Map<string | number, number>()
  readonly #rows = new Map<string, number[]>()

  constructor(by: readonly LedgerDimension[]) {
    this.#keys = [...new Set(by.flatMap((dimension) => keysOf[dimension]))]
  }

  get count(): number {
    return this.#rows.size
  }

  /** Of `values` it takes what belongs to the key. */
  add(values: SumKey, counters: readonly number[]): void {
    const places = this.#keys.map((name) => this.#placeOf(values[name] ?? ''))
    const key = places.join()
    const known = this.#rows.get(key)
    if (!known) {
      this.#rows.set(key, [...places, ...counters])
      return
    }
    for (const [at, count] of counters.entries()) {
      known[places.length + at] = (known[places.length + at] ?? 0) + count
    }
  }

  end(): Pick<PackedSums, 'keys' | 'values' | 'cells'> {
    const width = this.#keys.length + counterNames.length
    const cells = new Float64Array(this.#rows.size * width)
    let at = 0
    for (const row of this.#rows.values()) {
      cells.set(row, at)
      at += width
    }
    return { keys: this.#keys, values: [...this.#places.keys()], cells }
  }

  #placeOf(value: string | number): number {
    const known = this.#places.get(value)
    if (known !== undefined) return known
    this.#places.set(value, this.#places.size)
    return this.#places.size - 1
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
    const row = cells.subarray(at, at + width)
    const key = Object.fromEntries(keys.map((name, place) => [name, values[row[place] ?? 0]]))
    sums.push({ ...key, counters: readCounters(row.subarray(keys.length)) })
    if (sums.length % unpackedAtOnce === 0) await setImmediate()
  }
  return { since, until, sums }
}

function readCounters(cells: Float64Array): Counters {
  const counters: Partial<Record<CounterName, number>> = {}
  for (const [at, name] of counterNames.entries()) counters[name] = cells[at] ?? 0
  return counters as Counters
}
