/**
 * Places that clients take, of which none may have more than are still free for others: one alone has
 * half of them at most, each of two greedy ones a third, and whoever comes next always finds some.
 */
export class FairShares {
  readonly #max: number
  readonly #taken = new Map<string, number>()
  #total = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Whether the client may have one more. */
  hasRoom(client: string): boolean {
    return (this.#taken.get(client) ?? 0) < this.#max - this.#total
  }

  get isFull(): boolean {
    return this.#total >= this.#max
  }

  /** Also where there is no room: then for others there is less. */
  take(client: string): void {
    this.#taken.set(client, (this.#taken.get(client) ?? 0) + 1)
    this.#total++
  }

  /** One that it took. */
  giveBack(client: string): void {
    const left = (this.#taken.get(client) ?? 0) - 1
    if (left > 0) this.#taken.set(client, left)
    else this.#taken.delete(client)
    this.#total--
  }
}
