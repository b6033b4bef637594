import type { UpstreamName } from '../oci/upstream-name.ts'
import type { EndpointSettings } from './authenticator.ts'
import { Breaker } from './breaker.ts'
import type { Budget } from './budget.ts'
import type { FetchMeter } from './fetch-meter.ts'
import type { Outage } from './outage.ts'
import { RegistryEndpoint } from './registry-endpoint.ts'
import { UnheardUrlError, UpstreamError } from './upstream-error.ts'

/** One URL of an upstream, and whether it may be asked. */
export type UpstreamUrl = { readonly endpoint: RegistryEndpoint; readonly breaker: Breaker }

/** What happens to one URL, as far as anybody else should know. */
export type UrlEvents = {
  readonly onOpen: (url: URL, outage: Outage) => void
  readonly onOutage: (url: URL, outage: Outage) => void
  readonly onEnd: (url: URL, outage: Outage) => void
  readonly onBudget: (budget: Budget) => void
}

/** By origin, until when a URL isn't to be asked, as it said itself. */
export type Holds = ReadonlyMap<string, Outage>

type Settings = Omit<EndpointSettings, 'baseUrl'> & {
  readonly baseUrls: readonly URL[]
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly isOffline: () => boolean
  readonly holds: Holds
  readonly meter: FetchMeter
  readonly events: UrlEvents
}

/** Longer than this no trial takes, unless connecting may: whoever is back is to be noticed soon. */
const longestTrialMs = 8_000

export type Ask<T> = (endpoint: RegistryEndpoint) => Promise<T>

export type AskOptions = {
  /** Which URL is asked first: 0 the first, 1 the next, and so on round. */
  readonly turn?: number
  /** Whether upstream had it a moment ago: then one URL's "no" is not the last word. */
  readonly isKnown?: boolean
  /** Whether nothing depends on it, so that a failure isn't worth a second try. */
  readonly isOnlyTry?: boolean
  /** Whether it belongs to what is brought to its end also when the mirror goes offline meanwhile. */
  readonly isPromised?: boolean
  /** What is aborted by ourselves says nothing about upstream. */
  readonly signal?: AbortSignal
}

/**
 * The URLs of one upstream: which is asked, and what follows from its answer. The next one is asked
 * when one can't say.
 */
export class UpstreamUrls {
  readonly #upstream: UpstreamName
  readonly #urls: readonly UpstreamUrl[]

  constructor({ baseUrls, events, ...settings }: Settings) {
    this.#upstream = settings.upstream
    this.#urls = baseUrls.map((baseUrl) => {
      const onSilence = (error: UpstreamError) => void breaker.failed(error)
      const silentAfterMs = settings.connectTimeoutMs
      const { onBudget } = events
      const heard = { silentAfterMs, onSilence, onBudget }
      const endpoint = new RegistryEndpoint({ ...settings, ...heard, baseUrl })
      const breaker: Breaker = new Breaker({
        ...settings,
        deadlinesMs: [settings.connectTimeoutMs, Math.min(settings.idleTimeoutMs, longestTrialMs)],
        held: settings.holds.get(baseUrl.origin),
        isSuspended: settings.isOffline,
        probe: (deadlineMs) => endpoint.probe(deadlineMs),
        onOpen: (outage) => events.onOpen(baseUrl, outage),
        onOutage: (outage) => events.onOutage(baseUrl, outage),
        onEnd: (outage) => events.onEnd(baseUrl, outage),
      })
      return { endpoint, breaker }
    })
  }

  get all(): readonly UpstreamUrl[] {
    return this.#urls
  }

  get holds(): Holds {
    const held = this.#urls.flatMap(({ endpoint, breaker: { outage } }) =>
      outage?.until === undefined ? [] : [[endpoint.baseUrl.origin, outage] as const],
    )
    return new Map(held)
  }

  /** Why none of them may be asked at the moment; undefined while one may. */
  get outage(): Outage | undefined {
    const outages = this.#urls.map(({ breaker }) => breaker.outage)
    return outages.every((outage) => outage !== undefined) ? outages[0] : undefined
  }

  /**
   * Asks each once at most. A "no" counts only where all that come before it have said so too: what
   * one URL lacks, another that can't say just now may have. Throws UpstreamError.
   */
  async ask<T>(ask: Ask<T>, { turn = 0, signal, isKnown }: AskOptions): Promise<T> {
    const { urls, leftOut } = this.#inOrder(turn)
    let failure = leftOut
    for (const url of urls) {
      try {
        return await this.#askOne(url, ask, signal)
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error
        if (!error.isTemporary && !isKnown) throw failure ?? error
        // What couldn't be found out matters more than who doesn't have it.
        failure = error.isTemporary || !failure ? error : failure
      }
    }
    throw failure ?? new UpstreamError(this.#upstream, 'unavailable', 'has no URL')
  }

  /** Ends trials in the background. */
  close(): void {
    for (const { breaker } of this.#urls) breaker.close()
  }

  /** Those that are known not to answer are left out, unless there is no other. */
  #inOrder(turn: number): {
    urls: readonly UpstreamUrl[]
    leftOut: UpstreamError | undefined
  } {
    const working = this.#urls.filter(({ breaker }) => breaker.outage === undefined)
    const urls = working.length > 0 ? working : this.#urls
    const leftOut = this.#describeOutage(this.#urls.find((url) => !urls.includes(url)))
    const first = turn % Math.max(1, urls.length)
    return { urls: [...urls.slice(first), ...urls.slice(0, first)], leftOut }
  }

  #describeOutage(url: UpstreamUrl | undefined): UpstreamError | undefined {
    const outage = url?.breaker.outage
    return outage && new UnheardUrlError(this.#upstream, url.breaker.describe(outage))
  }

  async #askOne<T>(
    { endpoint, breaker }: UpstreamUrl,
    ask: Ask<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    await breaker.pass()
    try {
      const answer = await ask(endpoint)
      breaker.succeeded()
      return answer
    } catch (error) {
      if (!(error instanceof UpstreamError) || signal?.aborted) throw error
      if (error.isTemporary) throw breaker.failed(error)
      breaker.succeeded()
      throw error
    }
  }
}
