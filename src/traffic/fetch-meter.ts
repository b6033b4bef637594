import { indexTypes } from '../oci/media-type.ts'
import { type Cause, currentCause } from './cause.ts'
import type { Tally } from './tally.ts'

/** One request to an upstream. */
type Fetch = {
  readonly upstream: string
  readonly repository: string
  readonly method: 'GET' | 'HEAD'
  /** Of a manifest, how it is asked for. */
  readonly reference?: string | undefined
}

/** Counts what is asked of upstreams and what comes of it, on behalf of whoever it was first asked for. */
export class FetchMeter {
  readonly #tally: Tally

  constructor(tally: Tally) {
    this.#tally = tally
  }

  begin(fetch: Fetch): FetchCount {
    return new FetchCount(this.#tally, fetch, currentCause())
  }
}

class FetchCount {
  readonly #tally: Tally
  readonly #fetch: Fetch
  readonly #cause: Cause
  #receivedAt: number | undefined

  constructor(tally: Tally, fetch: Fetch, cause: Cause) {
    this.#tally = tally
    this.#fetch = fetch
    this.#cause = cause
    this.#counters.fetches++
  }

  /** Whether it is what Docker Hub counts as a pull. */
  answered(status: number, mediaType: string | undefined): void {
    const { method, reference } = this.#fetch
    const isManifest = reference !== undefined && method === 'GET' && status === 200
    if (isManifest && !indexTypes.has(mediaType ?? '')) this.#counters.upstreamPulls++
  }

  /** So many bytes of a body have come. The first ones say nothing of how fast. */
  received(bytes: number): void {
    const counters = this.#counters
    const now = performance.now()
    counters.fetchedBytes += bytes
    if (this.#receivedAt !== undefined) counters.fetchMs += now - this.#receivedAt
    this.#receivedAt = now
  }

  get #counters() {
    const { upstream, repository, reference = '' } = this.#fetch
    const { client, who = '' } = this.#cause
    const tag = reference.includes(':') ? '' : reference
    const subject = { client, user: who, upstream, repository, tag, outcome: 'miss' } as const
    return this.#tally.rowOf(subject).counters
  }
}
