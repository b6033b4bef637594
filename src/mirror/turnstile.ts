/** Lets a bounded number in at once, by key; who isn't let in does without. */
export class Turnstile {
  readonly #max: number
  readonly #inside = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Counts one in until the returned function is called, once or more; undefined where it is full. */
  enter(key: string): (() => void) | undefined {
    const inside = this.#inside.get(key) ?? 0
    if (inside >= this.#max) return undefined
    this.#inside.set(key, inside + 1)
    let isInside = true
    return () => {
      if (isInside) this.#leave(key)
      isInside = false
    }
  }

  #leave(key: string): void {
    const left = (this.#inside.get(key) ?? 0) - 1
    if (left > 0) this.#inside.set(key, left)
    else this.#inside.delete(key)
  }
}
