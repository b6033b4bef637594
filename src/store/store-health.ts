import { describeFault, LowSpaceError } from './store-fault.ts'

type Settings = {
  /** Really keeps something, and rejects if that can't be done. */
  readonly trial: () => Promise<void>
  /** Called when things can't be kept any more, with why in words fit for anyone. */
  readonly onFault: (message: string, error: unknown) => void
  /** Called when they can again. */
  readonly onRecovered: () => void
}

const tryEveryMs = 5_000
/** A disk that takes small things again may have refused a large one just now: that is to be seen. */
const faultyForMs = 3_000
/** However often somebody asks, the disk isn't written to more often than this. */
const wellForMs = 1_000

/** Whether things can be kept at the moment: told by whoever finds out, and tried until it is over. */
export class StoreHealth {
  readonly #settings: Settings
  #fault: string | undefined
  #noteCount = 0
  #notedAt = Number.NEGATIVE_INFINITY
  #wellSince = Number.NEGATIVE_INFINITY
  #trying: Promise<string | undefined> | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Why nothing can be kept at the moment, fit for anyone to read. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Something couldn't be read or written. */
  note(error: unknown): void {
    // Kept free on purpose: the disk is well.
    if (error instanceof LowSpaceError) return
    this.#notedAt = performance.now()
    this.#setFault(error)
  }

  /** Finds out by a trial; gives `fault` as it is afterwards, and never rejects. */
  check(): Promise<string | undefined> {
    const since = this.#fault === undefined ? this.#wellSince : this.#notedAt
    const knownForMs = this.#fault === undefined ? wellForMs : faultyForMs
    if (performance.now() - since < knownForMs) return Promise.resolve(this.#fault)
    this.#trying ??= this.#try().finally(() => {
      this.#trying = undefined
    })
    return this.#trying
  }

  /** Waits for a trial that is under way, and hears of nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#trying
  }

  async #try(): Promise<string | undefined> {
    const noteCount = this.#noteCount
    try {
      await this.#settings.trial()
      // What failed meanwhile may have failed after its part of the trial.
      if (this.#noteCount === noteCount) this.#recover()
    } catch (error) {
      this.#setFault(error)
    }
    return this.#fault
  }

  #setFault(error: unknown): void {
    if (this.#isClosed) return
    this.#noteCount++
    const wasWell = this.#fault === undefined
    this.#fault = describeFault(error)
    if (!wasWell) return
    this.#timer = setInterval(() => this.check(), tryEveryMs).unref()
    this.#settings.onFault(this.#fault, error)
  }

  #recover(): void {
    this.#wellSince = performance.now()
    if (this.#fault === undefined || this.#isClosed) return
    this.#fault = undefined
    clearInterval(this.#timer)
    this.#settings.onRecovered()
  }
}
