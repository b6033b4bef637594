/** Milliseconds. */
const bounds = [0.1, 0.5, 2, 10, 50, 250, 1_000, 5_000] as const

export type QueryCounts = {
  /** Milliseconds, growing. */
  readonly bounds: readonly number[]
  /** How many took at most so long, and longer than the bound before; the last took longer than all. */
  readonly counts: readonly number[]
  readonly sumMs: number
}

/** How long the queries of a database took, counted with hardly any work: there are some with most requests. */
export class QueryTimes {
  readonly #counts: number[] = [...bounds.map(() => 0), 0]
  #sumMs = 0

  note(ms: number): void {
    let index = 0
    while (index < bounds.length && ms > (bounds[index] ?? 0)) index++
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sumMs += ms
  }

  describe(): QueryCounts {
    return { bounds, counts: [...this.#counts], sumMs: this.#sumMs }
  }
}
