/**
 * Random numbers from a seed, so that every run replays the same load: mulberry32, which is short,
 * fast and even enough for a load (it is no cryptography).
 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to, not including, 1. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  /** A whole number from 0 up to, not including, `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count)
  }

  /** Mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform())
  }

  /** A whole number from 1, with the given mean. */
  geometric(mean: number): number {
    return 1 + Math.floor(Math.log(1 - this.uniform()) / Math.log(1 - 1 / mean))
  }
}

/** Ranks from 0, of which each is drawn in proportion to 1 / (rank + 1) ** slope. */
export class Zipf {
  readonly #cumulative: Float64Array

  constructor(count: number, slope: number) {
    this.#cumulative = new Float64Array(count)
    let sum = 0
    for (let rank = 0; rank < count; rank++) {
      sum += (rank + 1) ** -slope
      this.#cumulative[rank] = sum
    }
  }

  draw(random: Random): number {
    const target = random.uniform() * (this.#cumulative.at(-1) ?? 0)
    let low = 0
    let high = this.#cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#cumulative[middle] ?? 0) > target) high = middle
      else low = middle + 1
    }
    return low
  }
}
