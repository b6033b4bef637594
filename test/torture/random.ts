import { createHash } from 'node:crypto'

/** Draws numbers that the same seed gives again, in the same order. */
export class Random {
  readonly #seed: string
  #count = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  /** Below `limit`, which may be a fraction. */
  draw(limit: number): number {
    const hash = createHash('sha256')
      .update(`${this.#seed}/${this.#count++}`)
      .digest()
    return (hash.readUIntBE(0, 6) / 2 ** 48) * limit
  }

  /** Small numbers as often as large ones: each power of two has the same chance. */
  drawSize(smallest: number, largest: number): number {
    return Math.round(smallest * 2 ** this.draw(Math.log2(largest / smallest)))
  }
}
