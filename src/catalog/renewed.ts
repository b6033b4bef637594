type Settings<T> = {
  readonly make: () => Promise<T>
  /** It couldn't be made, and nobody waited for it. */
  readonly onError: (error: unknown) => void
  /** What takes longer to make is shown as it was, also once it is outdated. */
  readonly patienceMs: number
  /** But never what is older. */
  readonly mostMs: number
}

type Made<T> = {
  readonly value: T
  readonly at: number
  readonly tookMs: number
  /** After so many changes. */
  readonly changes: number
}

/** What takes less is made anew once it is old: nobody notices. */
const unnoticedMs = 50
/** What took a second to make is good for five. */
const freshPerTook = 5
const longestFreshMs = 10_000

/**
 * Something that is made of all that is kept, and remembered for a while: the longer it takes to make, the longer.
 * Once it is old it is made anew; once, for all who ask meanwhile.
 */
export class Renewed<T> {
  readonly #settings: Settings<T>
  #made: Made<T> | undefined
  #changes = 0
  #running: { readonly value: Promise<T>; readonly changes: number } | undefined
  /** Of what is asked for while one is made that is outdated already. */
  #next: Promise<T> | undefined

  constructor(settings: Settings<T>) {
    this.#settings = settings
  }

  async get(): Promise<T> {
    const made = this.#made
    const isOutdated = made?.changes !== this.#changes
    if (made && !isOutdated && ageOf(made) < freshMs(made)) return made.value
    const renewed = this.#renew()
    const { patienceMs, mostMs, onError } = this.#settings
    const mayBeOld = made && ageOf(made) < mostMs
    if (!mayBeOld || made.tookMs <= (isOutdated ? patienceMs : unnoticedMs)) return renewed
    renewed.catch(onError)
    return made.value
  }

  /** Something of what it is made of has changed. */
  outdate(): void {
    this.#changes++
  }

  #renew(): Promise<T> {
    if (!this.#running) return this.#make()
    if (this.#running.changes === this.#changes) return this.#running.value
    this.#next ??= this.#makeNext(this.#running.value)
    return this.#next
  }

  async #makeNext(running: Promise<T>): Promise<T> {
    await Promise.allSettled([running])
    this.#next = undefined
    return this.#renew()
  }

  #make(): Promise<T> {
    const value = this.#keep(performance.now(), this.#changes)
    this.#running = { value, changes: this.#changes }
    return value
  }

  async #keep(at: number, changes: number): Promise<T> {
    try {
      const value = await this.#settings.make()
      this.#made = { value, at, tookMs: performance.now() - at, changes }
      return value
    } finally {
      this.#running = undefined
    }
  }
}

function ageOf({ at }: Made<unknown>): number {
  return performance.now() - at
}

function freshMs({ tookMs }: Made<unknown>): number {
  return Math.min(longestFreshMs, freshPerTook * tookMs)
}
