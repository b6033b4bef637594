import type { ErrorCode } from '../oci/error-code.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import { UpstreamError, type UpstreamErrorKind } from '../upstream/upstream-error.ts'

/** The code a client understands; `unknown` stands for what the upstream doesn't have. */
const codes: Readonly<Record<UpstreamErrorKind, ErrorCode | 'unknown'>> = {
  'not-found': 'unknown',
  // Never 401: a challenge would make dockerd send its Docker Hub credentials to us.
  denied: 'DENIED',
  limited: 'TOOMANYREQUESTS',
  unavailable: 'UNAVAILABLE',
  invalid: 'UNAVAILABLE',
  // Clients go elsewhere on 404, and wait and try again on 5xx, which would be in vain.
  offline: 'unknown',
}

const advice: Readonly<Record<UpstreamErrorKind, string>> = {
  'not-found': 'check the name, the tag and the digest',
  denied: 'see username: and password: for this upstream in mirrors.yaml',
  limited: 'it is not kept here; wait, or give username: and password: for a higher limit',
  unavailable: 'it is not kept here; try again once the upstream can be reached',
  invalid: 'nothing of it was kept',
  offline:
    'it is not kept here; offline: in mirrors.yaml or POST /api/v1/offline lets upstreams be asked again',
}

/**
 * What a client is told when upstream says no or can't say: each a different answer, and a failure
 * never a 404. `unknown` is the code for what upstream doesn't have, `what` names what was asked
 * for. Other errors are given back as they are.
 */
export function asRegistryError(error: unknown, unknown: ErrorCode, what: string): unknown {
  if (error instanceof StoreFaultError) {
    const message = `${what}: ${error.message}, and without its size it can't be passed on`
    return new RegistryError('UNAVAILABLE', message, { cause: error })
  }
  if (!(error instanceof UpstreamError)) return error
  const { kind, retryAfterSeconds } = error
  const code = codes[kind]
  const message = `${what}: ${error.message}; ${advice[kind]}`
  return new RegistryError(code === 'unknown' ? unknown : code, message, {
    cause: error,
    ...(kind === 'invalid' ? { status: 502 } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

/** Text of a Warning for what upstream couldn't confirm. */
export function staleWarning(error: UpstreamError, checkedAt: number): string {
  return `served as of ${new Date(checkedAt).toISOString()}: ${error.message}`
}

/** Text of a Warning for what upstream no longer has. */
export function goneWarning(error: UpstreamError, checkedAt: number): string {
  return `served as it was kept, last seen at ${new Date(checkedAt).toISOString()}: ${error.message}`
}

/** Upstream is still being asked, but whoever can be served something kept waits no longer. */
export function noAnswerYet(upstream: UpstreamName, waitedMs: number): UpstreamError {
  const what = `has not answered within ${waitedMs / 1000} s`
  return new UpstreamError(upstream, 'unavailable', what, { isTimeout: true })
}
