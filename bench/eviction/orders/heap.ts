export interface Ranked {
  /** Only `Heap.move` changes it, of what is in a heap. */
  rank: number
  /** Where the heap has it. */
  place: number
}

/** The least rank first; of equals any. A change or a removal takes logarithmic time. */
export class Heap<T extends Ranked> {
  readonly #items: T[] = []

  first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  move(item: T, rank: number): void {
    const before = item.rank
    item.rank = rank
    if (rank < before) this.#rise(item, item.place)
    else this.#sink(item, item.place)
  }

  remove(item: T): void {
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    if (last.rank < item.rank) this.#rise(last, item.place)
    else this.#sink(last, item.place)
  }

  #rise(item: T, from: number): void {
    let place = from
    while (place > 0) {
      const parent = this.#items[(place - 1) >>> 1] as T
      if (parent.rank <= item.rank) break
      this.#put(parent, place)
      place = (place - 1) >>> 1
    }
    this.#put(item, place)
  }

  #sink(item: T, from: number): void {
    let place = from
    for (;;) {
      const left = this.#items[2 * place + 1]
      const right = this.#items[2 * place + 2]
      const child =
        right !== undefined && left !== undefined && right.rank < left.rank ? right : left
      if (child === undefined || child.rank >= item.rank) break
      const next = child === left ? 2 * place + 1 : 2 * place + 2
      this.#put(child, place)
      place = next
    }
    this.#put(item, place)
  }

  #put(item: T, place: number): void {
    this.#items[place] = item
    item.place = place
  }
}
