import { jittered } from './jitter.ts'
import type { UpstreamError } from './upstream-error.ts'

export type TrialSettings = {
  readonly elapsedMs: () => number
  /** Asks the URL something cheap, on a new connection; rejects with UpstreamError where it can't say. */
  readonly probe: (deadlineMs: number) => Promise<unknown>
  /** How long the first trial may take; later ones longer, up to the second. */
  readonly deadlinesMs: readonly [number, number]
  /** Whether nothing may be asked now, not even whether it answers. */
  readonly isSuspended: () => boolean
}

type Outcome = {
  readonly onWell: () => void
  /** Says whether to try again. */
  readonly onFailure: (error: UpstreamError) => boolean
}

const betweenTrialsMs = 2_000
/** For so long a trial that failed speaks for everyone who needs an answer now. */
const countsForMs = 1_000

/** Finds out again and again, one trial at a time, whether a URL that didn't answer does so now. */
export class Trials {
  readonly #settings: TrialSettings
  readonly #outcome: Outcome
  #count = 0
  #running: Promise<void> | undefined
  #failedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(settings: TrialSettings, outcome: Outcome) {
    this.#settings = settings
    this.#outcome = outcome
  }

  /** Begins after a pause, with the shortest deadline. */
  begin(pauseMs: number): void {
    this.#count = 0
    this.#runAfter(pauseMs)
  }

  /** No more by itself. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  close(): void {
    this.#isClosed = true
    this.stop()
  }

  /** Waits for a trial, the one that runs or a new one; never rejects. */
  run(): Promise<void> {
    const { elapsedMs, isSuspended } = this.#settings
    const isKnown = elapsedMs() - this.#failedAt < countsForMs
    if (isSuspended() || (!this.#running && isKnown)) return Promise.resolve()
    return this.#start()
  }

  /** The same, but waits no longer than that. */
  async runFor(ms: number): Promise<void> {
    const waited = Promise.withResolvers<void>()
    const timer = setTimeout(waited.resolve, ms)
    await Promise.race([this.run(), waited.promise])
    clearTimeout(timer)
  }

  #runAfter(pauseMs: number): void {
    this.stop()
    if (this.#isClosed) return
    const runOrWait = () => {
      if (this.#settings.isSuspended()) this.#runAfter(betweenTrialsMs)
      else void this.#start()
    }
    this.#timer = setTimeout(runOrWait, jittered(pauseMs)).unref()
  }

  #start(): Promise<void> {
    this.#running ??= this.#try().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #try(): Promise<void> {
    this.stop()
    const { deadlinesMs, probe, elapsedMs } = this.#settings
    const [shortest, longest] = deadlinesMs
    const deadlineMs = Math.max(shortest, Math.min(longest, shortest * 2 ** this.#count++))
    try {
      await probe(deadlineMs)
      this.#outcome.onWell()
    } catch (error) {
      this.#failedAt = elapsedMs()
      const isWorthAnother = this.#outcome.onFailure(error as UpstreamError)
      if (isWorthAnother) this.#runAfter(betweenTrialsMs)
    }
  }
}
