import type { UpstreamName } from '../oci/upstream-name.ts'
import type { EndpointSettings } from './authenticator.ts'
import { Breaker, type Outage } from './breaker.ts'
import { RegistryEndpoint } from './registry-endpoint.ts'
import { UpstreamError } from './upstream-error.ts'

/** One URL of an upstream, and whether it may be asked. */
export type UpstreamUrl = { readonly endpoint: RegistryEndpoint; readonly breaker: Breaker }

type Settings = Omit<EndpointSettings, 'baseUrl'> & {
  readonly baseUrls: readonly URL[]
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly isOffline: () => boolean
  readonly onChange: (url: URL, outage: Outage | undefined) => void
}

export type Ask<T> = (endpoint: RegistryEndpoint) => Promise<T>

export type AskOptions = {
  /** Which URL is asked first: 0 the first, 1 the next, and so on round. */
  readonly turn?: number
  /** Whether upstream had it a moment ago: then one URL's "no" is not the last word. */
  readonly isKnown?: boolean
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

  constructor({ baseUrls, onChange, ...settings }: Settings) {
    this.#upstream = settings.upstream
    this.#urls = baseUrls.map((baseUrl) => {
      const onSilence = (error: UpstreamError) => breaker.failed(error)
      const silentAfterMs = settings.connectTimeoutMs
      const endpoint = new RegistryEndpoint({ ...settings, baseUrl, silentAfterMs, onSilence })
      const breaker: Breaker = new Breaker({
        ...settings,
        deadlinesMs: [settings.connectTimeoutMs, settings.idleTimeoutMs],
        isSuspended: settings.isOffline,
        probe: (deadlineMs) => endpoint.probe(deadlineMs),
        onChange: (outage) => onChange(baseUrl, outage),
      })
      return { endpoint, breaker }
    })
  }

  get all(): readonly UpstreamUrl[] {
    return this.#urls
  }

  /** Why none of them may be asked at the moment; undefined while one may. */
  get outage(): Outage | undefined {
    const outages = this.#urls.map(({ breaker }) => breaker.outage)
    return outages.every((outage) => outage !== undefined) ? outages[0] : undefined
  }

  /** Asks each once at most. Throws UpstreamError. */
  async ask<T>(ask: Ask<T>, { turn = 0, signal, isKnown }: AskOptions): Promise<T> {
    let failure: unknown = new UpstreamError(this.#upstream, 'unavailable', 'has no URL')
    for (const url of this.#inOrder(turn)) {
      try {
        return await this.#askOne(url, ask, signal)
      } catch (error) {
        if (!(error instanceof UpstreamError) || !(error.isTemporary || isKnown)) throw error
        failure = error
      }
    }
    throw failure
  }

  /** Ends trials in the background. */
  close(): void {
    for (const { breaker } of this.#urls) breaker.close()
  }

  /** Those that are known not to answer are left out, unless there is no other. */
  #inOrder(turn: number): readonly UpstreamUrl[] {
    const working = this.#urls.filter(({ breaker }) => breaker.outage === undefined)
    const urls = working.length > 0 ? working : this.#urls
    const first = turn % Math.max(1, urls.length)
    return [...urls.slice(first), ...urls.slice(0, first)]
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
      if (error.isTemporary) breaker.failed(error)
      else breaker.succeeded()
      throw error
    }
  }
}
