/** Lets a bounded number in at once, by key; who isn't let in does without. */
export class Turnstile {
  readonly #max: number
  readonly #inside = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  mayEnter(key: string): boolean {
    return (this.#inside.get(key) ?? 0) < this.#max
  }

  /** Counts one in until the returned function is called; calling it again does nothing. */
  enter(key: string): () => void {
    this.#inside.set(key, (this.#inside.get(key) ?? 0) + 1)
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
