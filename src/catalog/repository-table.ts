import type { Repository } from '../oci/repository.ts'
import { pushedHere, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import {
  type RepositorySizes,
  type RepositorySummary,
  type SummaryColumn,
  summaryColumns,
} from '../store/overview-records.ts'
import type { RepositoryOverview } from './any-catalog.ts'

const ownColumns = ['bytes', 'ownBytes'] as const

export type Column = SummaryColumn | (typeof ownColumns)[number]

/** All repositories, by their places in byte order. */
export class RepositoryTable {
  readonly names: readonly string[]
  readonly isCut: boolean
  /** Else all sizes are 0. */
  readonly isMeasured: boolean
  readonly #summary: RepositorySummary
  readonly #bytes: Float64Array
  readonly #ownBytes: Float64Array
  readonly #orders = new Map<Column, Uint32Array>()

  constructor(summary: RepositorySummary, sizes: RepositorySizes | undefined) {
    this.#summary = summary
    this.isCut = summary.isCut
    this.names = summary.names === '' ? [] : summary.names.split('\n')
    this.#bytes = new Float64Array(this.names.length)
    this.#ownBytes = new Float64Array(this.names.length)
    this.isMeasured = sizes !== undefined
    if (sizes) this.#takeSizes(sizes)
  }

  read(column: Column, place: number): number {
    if (column === 'bytes') return this.#bytes[place] ?? 0
    if (column === 'ownBytes') return this.#ownBytes[place] ?? 0
    return this.#summary.cells[summaryColumns.indexOf(column) * this.names.length + place] ?? 0
  }

  sourceAt(place: number): Source {
    const { upstreams, upstreamOf } = this.#summary
    const upstream = (upstreams[upstreamOf[place] ?? 0] ?? pushedHere) as UpstreamName
    const name = this.names[place] ?? ''
    const repository = upstream === pushedHere ? name : name.slice(upstream.length + 1)
    return { upstream, repository: repository as Repository }
  }

  /** Undefined for one that isn't there. */
  find(name: string): number | undefined {
    let [low, high] = [0, this.names.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.names[middle] ?? '') < name) low = middle + 1
      else high = middle
    }
    return this.names[low] === name ? low : undefined
  }

  describe(place: number): RepositoryOverview {
    const source = this.sourceAt(place)
    return {
      source,
      name: this.names[place] ?? '',
      isHosted: source.upstream === pushedHere,
      tagCount: this.read('tags', place),
      sizeBytes: this.read('bytes', place),
      ownBytes: this.read('ownBytes', place),
      pulls: this.read('pulls', place),
      lastPulledAt: this.read('lastPulledAt', place) || undefined,
      newestAt: this.read('newestAt', place) || undefined,
    }
  }

  /** All places; what is equal goes by name, either way. */
  *walk(order: Column | 'name', isDescending: boolean): Generator<number> {
    if (order === 'name') {
      const last = this.names.length - 1
      for (let at = 0; at <= last; at++) yield isDescending ? last - at : at
      return
    }
    const places = this.#orderOf(order)
    if (!isDescending) return yield* places
    for (let end = places.length; end > 0; ) {
      let start = end - 1
      const value = this.read(order, places[start] ?? 0)
      while (start > 0 && this.read(order, places[start - 1] ?? 0) === value) start--
      for (let at = start; at < end; at++) yield places[at] ?? 0
      end = start
    }
  }

  #orderOf(column: Column): Uint32Array {
    const known = this.#orders.get(column)
    if (known) return known
    const places = Uint32Array.from({ length: this.names.length }, (_, place) => place)
    places.sort((a, b) => this.read(column, a) - this.read(column, b) || a - b)
    this.#orders.set(column, places)
    return places
  }

  /** They may be of another moment. */
  #takeSizes({ cells }: RepositorySizes): void {
    const places = new Map(this.names.map((_, place) => [this.read('id', place), place]))
    for (let at = 0; at < cells.length; at += 3) {
      const place = places.get(cells[at] ?? 0)
      if (place === undefined) continue
      this.#bytes[place] = cells[at + 1] ?? 0
      this.#ownBytes[place] = cells[at + 2] ?? 0
    }
  }
}
