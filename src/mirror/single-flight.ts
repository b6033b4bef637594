import { within } from './patience.ts'

export type Patience = {
  readonly ms: number
  /** The error for whoever waits no longer. */
  readonly impatient: () => Error
}

/** Runs one task for a key at a time; who asks meanwhile gets the same result, or the same error. */
export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>()
  /** Tasks that somebody has stopped waiting for. */
  readonly #late = new Set<string>()

  run(key: string, task: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const started = task().finally(() => {
      this.#running.delete(key)
      this.#late.delete(key)
    })
    this.#running.set(key, started)
    return started
  }

  /**
   * The same for whoever has something else to go by: waits so long for the task and no longer, and
   * not at all while the running one has taken longer already. The task goes on all the same.
   */
  async runWithin(key: string, task: () => Promise<T>, { ms, impatient }: Patience): Promise<T> {
    if (this.#late.has(key)) throw impatient()
    return within(this.run(key, task), ms, () => {
      this.#late.add(key)
      return impatient()
    })
  }

  /** Resolves when what runs now has ended, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values())
  }
}
