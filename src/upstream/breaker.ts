import type { UpstreamName } from '../oci/upstream-name.ts'
import { UpstreamError } from './upstream-error.ts'

/** Why and since when an URL isn't asked. */
export type Outage = {
  readonly error: UpstreamError
  /** On the monotonic clock, as all times here. */
  readonly since: number
  /** Until then it isn't asked at all, as it said itself; else it is tried in the background. */
  readonly until?: number
}

type Settings = {
  readonly upstream: UpstreamName
  readonly elapsedMs: () => number
  /** Asks the URL something cheap, on a new connection; rejects with UpstreamError where it can't say. */
  readonly probe: (deadlineMs: number) => Promise<void>
  /** How long the first trial may take; later ones longer, up to the second. */
  readonly deadlinesMs: readonly [number, number]
  /** Whether nothing may be asked now, not even whether it answers. */
  readonly isSuspended: () => boolean
  /** Hears of every change between working and not. */
  readonly onChange: (outage: Outage | undefined) => void
}

const failuresToOpen = 3
const betweenTrialsMs = 2_000
/** A URL that answers trials but fails requests again and again is tried less often, but at least so. */
const longestPauseMs = 8_000
/** For so long a trial that failed speaks for everyone who needs an answer now. */
const trialCountsMs = 1_000
/** 429 without Retry-After: the first pause, doubled each time up to the second. */
const limitedForMs = [10_000, 300_000] as const

/**
 * Whether one URL of an upstream may be asked. It opens after three failures in a row, or one that
 * was a wait in vain; while open, a probe tries in the background every two seconds, and whoever
 * has nothing else to serve waits for a trial, one for all. A 429 closes the URL until Retry-After.
 */
export class Breaker {
  readonly #settings: Settings
  #outage: Outage | undefined
  #failures = 0
  #limits = 0
  /** Openings since a request, and not just a probe, went well. */
  #openings = 0
  #trials = 0
  #trial: Promise<void> | undefined
  #triedInVainAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Undefined while it may be asked. */
  get outage(): Outage | undefined {
    const { until } = this.#outage ?? {}
    if (until !== undefined && this.#settings.elapsedMs() >= until) this.#change(undefined)
    return this.#outage
  }

  /** Resolves when it may be asked; throws the UpstreamError for which it may not. */
  async pass(): Promise<void> {
    const outage = this.outage
    if (outage && outage.until === undefined) await this.#try()
    const still = this.outage
    if (still) throw this.#describe(still)
  }

  /** The URL has answered a request, if only with a no. */
  succeeded(): void {
    this.#failures = 0
    this.#limits = 0
    this.#openings = 0
    // A late answer to an early question is no word on a limit that was set since.
    if (this.#outage?.until === undefined) this.#change(undefined)
  }

  /** The URL couldn't say. */
  failed(error: UpstreamError): void {
    if (isLimit(error)) this.#hold(error)
    else if (error.kind === 'unavailable' && this.#outage === undefined) this.#count(error)
  }

  /** Ends trials; what is known stays. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #hold(error: UpstreamError): void {
    const [first, longest] = limitedForMs
    const unsaidMs = Math.min(longest, first * 2 ** this.#limits++)
    const pauseMs =
      error.retryAfterSeconds === undefined ? unsaidMs : error.retryAfterSeconds * 1000
    const now = this.#settings.elapsedMs()
    const until = Math.max(now + pauseMs, this.#outage?.until ?? 0)
    this.#change({ error, since: now, until })
  }

  #count(error: UpstreamError): void {
    this.#failures++
    if (this.#failures < failuresToOpen && !error.isTimeout) return
    const pauseMs = this.#openings === 0 ? 0 : Math.min(longestPauseMs, 500 * 2 ** this.#openings)
    this.#openings++
    this.#trials = 0
    this.#change({ error, since: this.#settings.elapsedMs() })
    this.#tryAfter(pauseMs)
  }

  #change(outage: Outage | undefined): void {
    const isNews = (outage === undefined) !== (this.#outage === undefined)
    this.#outage = outage
    this.#failures = 0
    clearTimeout(this.#timer)
    if (isNews) this.#settings.onChange(outage)
  }

  #tryAfter(pauseMs: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    const tryOrWait = () => {
      if (this.#settings.isSuspended()) this.#tryAfter(betweenTrialsMs)
      else void this.#try()
    }
    this.#timer = setTimeout(tryOrWait, jittered(pauseMs)).unref()
  }

  /** One trial at a time, whoever wants it; never rejects. */
  #try(): Promise<void> {
    const isKnown = this.#settings.elapsedMs() - this.#triedInVainAt < trialCountsMs
    if (!this.#trial && isKnown) return Promise.resolve()
    this.#trial ??= this.#runTrial().finally(() => {
      this.#trial = undefined
    })
    return this.#trial
  }

  async #runTrial(): Promise<void> {
    clearTimeout(this.#timer)
    const [shortest, longest] = this.#settings.deadlinesMs
    const deadlineMs = Math.max(shortest, Math.min(longest, shortest * 2 ** this.#trials++))
    try {
      await this.#settings.probe(deadlineMs)
      if (this.#outage?.until === undefined) this.#change(undefined)
    } catch (error) {
      this.#triedInVainAt = this.#settings.elapsedMs()
      this.#stayOpen(error as UpstreamError)
    }
  }

  #stayOpen(error: UpstreamError): void {
    if (isLimit(error)) this.#hold(error)
    // Meanwhile a request may have gone well, or found a limit.
    if (this.#outage === undefined || this.#outage.until !== undefined) return
    this.#outage = { ...this.#outage, error }
    this.#tryAfter(betweenTrialsMs)
  }

  /** As long as a limit holds, what is left of it is what clients are told to wait. */
  #describe({ error, until }: Outage): UpstreamError {
    if (until === undefined) return error
    const { upstream, elapsedMs } = this.#settings
    const retryAfterSeconds = Math.max(1, Math.ceil((until - elapsedMs()) / 1000))
    const what = error.message.slice(upstream.length + 1)
    const { kind, status, cause } = error
    return new UpstreamError(upstream, kind, what, {
      retryAfterSeconds,
      cause,
      ...(status === undefined ? {} : { status }),
    })
  }
}

/** Upstream says that it is not to be asked for a while. */
function isLimit(error: UpstreamError): boolean {
  return error.kind === 'limited' || Boolean(error.retryAfterSeconds)
}

/** Between 75 and 125 %: many mirrors of one registry shouldn't knock at the same moment. */
function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2)
}
