import { jittered } from './jitter.ts'
import type { UpstreamError } from './upstream-error.ts'

type Settings = {
  /** Of the first byte that is wanted. */
  readonly start: number
  /** Whether it goes on with what somebody reads already. */
  readonly isContinued: boolean
  /** For so long it goes on without getting anywhere. */
  readonly patienceMs: number
  readonly elapsedMs: () => number
}

/** Fewer bytes than this between two breaks is getting nowhere. */
const worthwhileBytes = 64 * 1024
/**
 * Who waits for the very beginning waits for an answer, and is told rather than kept waiting; and an
 * upstream that answers with something else each time isn't going to send the rest.
 */
const fewTries = 3
const pausesMs = [100, 500, 1_000, 2_000, 5_000] as const
const longestPauseMs = 5_000

/** Whether a transfer goes on after a break, and after which pause. */
export class Perseverance {
  readonly #settings: Settings
  /** Since it last got anywhere: how often it broke, where and when that was. */
  #breaks = 0
  #markPosition: number
  #markAt: number

  constructor(settings: Settings) {
    this.#settings = settings
    this.#markPosition = settings.start
    this.#markAt = settings.elapsedMs()
  }

  /** Since it last got anywhere. */
  get breaks(): number {
    return this.#breaks
  }

  /**
   * Takes in a break before the byte at `position`. Gives the pause after which to go on; undefined
   * where that makes no sense any longer.
   */
  countBreak(error: UpstreamError, position: number): number | undefined {
    const { patienceMs, elapsedMs } = this.#settings
    if (position - this.#markPosition >= worthwhileBytes) this.#mark(position)
    this.#breaks++
    const isHopeful = error.kind === 'unavailable' || error.kind === 'limited'
    if ((this.#isBeginning(position) || !isHopeful) && this.#breaks >= fewTries) return undefined
    const pauseMs = this.#pauseMs(error)
    return elapsedMs() + pauseMs - this.#markAt > patienceMs ? undefined : pauseMs
  }

  #mark(position: number): void {
    this.#breaks = 0
    this.#markPosition = position
    this.#markAt = this.#settings.elapsedMs()
  }

  #isBeginning(position: number): boolean {
    const { isContinued, start } = this.#settings
    return !isContinued && position - start < worthwhileBytes
  }

  /** As long as upstream said, else longer each time. */
  #pauseMs({ retryAfterSeconds }: UpstreamError): number {
    const pauseMs = jittered(pausesMs[this.#breaks - 1] ?? longestPauseMs)
    return Math.max(pauseMs, (retryAfterSeconds ?? 0) * 1000)
  }
}
