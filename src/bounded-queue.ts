import { RegistryError } from './oci/registry-error.ts'

type Settings = {
  readonly atOnce: number
  readonly mostWaiting: number
  /** In the plural, for whoever is refused. */
  readonly what: string
}

const retryAfterSeconds = 10

/** Lets so many be made at once, lets so many more wait in their order, and refuses whoever comes then. */
export class BoundedQueue {
  readonly #settings: Settings
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws RegistryError TOOMANYREQUESTS. */
  async run<T>(make: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await make()
    } finally {
      this.#leave()
    }
  }

  #enter(): Promise<void> | undefined {
    const { atOnce, mostWaiting, what } = this.#settings
    if (this.#running < atOnce) {
      this.#running++
      return undefined
    }
    if (this.#waiting.length >= mostWaiting) {
      const why = `of ${what} ${this.#running} are being made, and ${this.#waiting.length} wait: ask again in ${retryAfterSeconds} s`
      throw new RegistryError('TOOMANYREQUESTS', why, { retryAfterSeconds })
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** The place goes over to whoever waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}
