import { RegistryError } from '../oci/registry-error.ts'

const retryAfterSeconds = 10

/** Lets so many be made at once, lets so many more wait in their order, and refuses whoever comes then. */
export class ReportQueue {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
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
    if (this.#running < this.#atOnce) {
      this.#running++
      return undefined
    }
    if (this.#waiting.length >= this.#mostWaiting) {
      const what = `${this.#running} reports are being made, and ${this.#waiting.length} wait: ask again in ${retryAfterSeconds} s`
      throw new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds })
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
