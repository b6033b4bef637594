import type { UpstreamName } from '../oci/upstream-name.ts'
import { UpstreamError } from './upstream-error.ts'

/** Why and since when a URL isn't asked. */
export type Outage = {
  readonly error: UpstreamError
  /** On the monotonic clock, as all times here. */
  readonly since: number
  /** Until then it isn't asked at all, as it said itself; else it is tried in the background. */
  readonly until?: number
}

/** Whether it is a limit that holds, and not silence. */
export function isHeld({ until }: Outage): boolean {
  return until !== undefined
}

/** Whether upstream says that it is not to be asked for a while. */
export function isLimit(error: UpstreamError): boolean {
  return error.kind === 'limited' || Boolean(error.retryAfterSeconds)
}

/** As long as a limit holds, what is left of it at `now` is what clients are told to wait. */
export function describeOutage(
  upstream: UpstreamName,
  { error, until }: Outage,
  now: number,
): UpstreamError {
  if (until === undefined) return error
  const retryAfterSeconds = Math.max(1, Math.ceil((until - now) / 1000))
  const what = error.message.slice(upstream.length + 1)
  const { kind, status, cause } = error
  return new UpstreamError(upstream, kind, what, {
    retryAfterSeconds,
    cause,
    ...(status === undefined ? {} : { status }),
  })
}
