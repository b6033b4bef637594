import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'

/** Hears of each request for content, and of what comes of it; what is asked for tokens isn't counted. */
export type FetchMeter = { begin(fetch: CountedFetch): FetchCount }

export type CountedFetch = {
  readonly upstream: UpstreamName
  readonly repository: Repository
  readonly method: 'GET' | 'HEAD'
  /** Of a manifest, how it is asked for. */
  readonly reference: Reference | undefined
}

export type FetchCount = {
  /** With the status of the answer and the media type that it names. */
  answered(status: number, mediaType: string | undefined): void
  /** So many bytes of a body have come. */
  received(bytes: number): void
}

/** Where nobody reports it. */
export const uncounted: FetchMeter = { begin: () => ({ answered() {}, received() {} }) }
