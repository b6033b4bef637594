import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeOutage, isHeld, isLimit, type Outage } from './outage.ts'
import { type TrialSettings, Trials } from './trials.ts'
import type { UpstreamError } from './upstream-error.ts'

type Settings = TrialSettings & {
  readonly upstream: UpstreamName
  /** A limit that holds already, if it does. */
  readonly held: Outage | undefined
  /** It isn't asked from now on; perhaps a trial shows at once that all is well. */
  readonly onOpen: (outage: Outage) => void
  /** Worth telling a person: that it doesn't answer, as a trial has confirmed, or wants to be left alone. */
  readonly onOutage: (outage: Outage) => void
  /** What was told is over. */
  readonly onEnd: (outage: Outage) => void
}

const failuresToOpen = 3
/** A URL that answers trials but fails requests again and again is tried less often, but at least so. */
const longestPauseMs = 8_000
/** 429 without Retry-After: the first pause, doubled each time up to the second. */
const limitedForMs = [10_000, 300_000] as const

/**
 * Whether one URL of an upstream may be asked. It opens after three failures in a row, or one that
 * was a wait in vain; while open, a probe tries in the background every two seconds, and whoever
 * has nothing else to serve waits for a trial, one for all. After a 429 nothing is asked, and
 * nothing tried, until Retry-After.
 */
export class Breaker {
  readonly #settings: Settings
  readonly #trials: Trials
  #outage: Outage | undefined
  /** The outage that somebody was told of. */
  #told: Outage | undefined
  #failures = 0
  #limits = 0
  /** Openings since a request, and not just a probe, went well. */
  #openings = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.#outage = settings.held
    this.#trials = new Trials(settings, {
      onWell: () => this.#endUnlessHeld(),
      onFailure: (error) => this.#stayOpen(error),
    })
  }

  /** Undefined while it may be asked. */
  get outage(): Outage | undefined {
    const { until } = this.#outage ?? {}
    if (until !== undefined && this.#settings.elapsedMs() >= until) this.#end()
    return this.#outage
  }

  /** Resolves when it may be asked; throws the UpstreamError for which it may not. */
  async pass(): Promise<void> {
    const outage = this.outage
    if (outage && outage.until === undefined) await this.#trials.runFor(this.#patienceMs)
    if (this.outage) throw this.describe(this.outage)
  }

  /** The URL has answered a request, if only with a no. */
  succeeded(): void {
    this.#failures = 0
    this.#openings = 0
    if (this.#outage === undefined) this.#limits = 0
    // A late answer to an early question is no word on a limit that was set since.
    this.#endUnlessHeld()
  }

  /** The URL couldn't say. Gives the error as clients are to hear it. */
  failed(error: UpstreamError): UpstreamError {
    // What another host said, to which the registry sent us, is about that host.
    if (error.isElsewhere) return error
    if (isLimit(error)) return this.describe(this.#hold(error))
    if (error.kind === 'unavailable' && this.#outage === undefined) this.#count(error)
    return error
  }

  /** Longer than the shortest trial takes nobody waits, though one may take longer. */
  get #patienceMs(): number {
    return this.#settings.deadlinesMs[0]
  }

  /** Ends trials; what is known stays. */
  close(): void {
    this.#trials.close()
  }

  /** What clients are told of an outage. */
  describe(outage: Outage): UpstreamError {
    const { upstream, elapsedMs } = this.#settings
    return describeOutage(upstream, outage, elapsedMs())
  }

  #hold(error: UpstreamError): Outage {
    const now = this.#settings.elapsedMs()
    const held = this.outage?.until ?? 0
    const saidMs =
      error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1000
    // Many that were under way are limited together: that is one limit, not several.
    const pauseMs = saidMs ?? (held > 0 ? 0 : this.#nextPauseMs())
    const outage = { error, since: now, until: Math.max(now + pauseMs, held) }
    this.#trials.stop()
    this.#failures = 0
    this.#outage = outage
    this.#tell(outage)
    return outage
  }

  #nextPauseMs(): number {
    const [first, longest] = limitedForMs
    return Math.min(longest, first * 2 ** this.#limits++)
  }

  #count(error: UpstreamError): void {
    this.#failures++
    if (this.#failures < failuresToOpen && !error.isTimeout) return
    this.#failures = 0
    this.#outage = { error, since: this.#settings.elapsedMs() }
    this.#settings.onOpen(this.#outage)
    this.#trials.begin(error.isTimeout ? 0 : this.#nextOpeningPauseMs())
  }

  /** Silence is a suspicion, which a trial settles at once; failures that come back are another matter. */
  #nextOpeningPauseMs(): number {
    const pauseMs = this.#openings === 0 ? 0 : 500 * 2 ** this.#openings
    this.#openings++
    return Math.min(longestPauseMs, pauseMs)
  }

  #stayOpen(error: UpstreamError): boolean {
    if (isLimit(error)) this.#hold(error)
    // Meanwhile a request may have gone well, or found a limit.
    if (this.#outage === undefined || this.#outage.until !== undefined) return false
    this.#outage = { ...this.#outage, error }
    this.#tell(this.#outage)
    return true
  }

  #endUnlessHeld(): void {
    if (this.#outage?.until === undefined) this.#end()
  }

  #end(): void {
    this.#outage = undefined
    this.#trials.stop()
    if (this.#told) this.#settings.onEnd(this.#told)
    this.#told = undefined
  }

  #tell(outage: Outage): void {
    const isNews = this.#told === undefined || isHeld(this.#told) !== isHeld(outage)
    this.#told = outage
    if (isNews) this.#settings.onOutage(outage)
  }
}
