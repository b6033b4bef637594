import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { UpstreamError } from './upstream-error.ts'

/** Hears of each request for content, and of what comes of it; what is asked for tokens isn't counted. */
export type FetchMeter = {
  begin(fetch: CountedFetch): FetchCount
  /** Also of what couldn't be asked for, for want of a token; what upstream just doesn't have is no failure. */
  failed?(failure: FetchFailure): void
}

export type CountedFetch = {
  readonly upstream: UpstreamName
  /** Of the registry. */
  readonly origin: string
  readonly repository: Repository
  readonly method: 'GET' | 'HEAD'
  /** Of a manifest, how it is asked for. */
  readonly reference: Reference | undefined
}

export type FetchFailure = Pick<CountedFetch, 'upstream' | 'origin' | 'repository'> & {
  readonly error: UpstreamError
  /** Whether `begin` was told of it. */
  readonly wasSent: boolean
}

export type FetchCount = {
  /** With the status of the answer and the media type that it names. */
  answered(status: number, mediaType: string | undefined): void
  /** So many bytes of a body have come. */
  received(bytes: number): void
}

/** Where nobody reports it. */
export const uncounted: FetchMeter = { begin: () => ({ answered() {}, received() {} }) }
