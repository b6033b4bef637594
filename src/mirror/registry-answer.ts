import type { ErrorCode } from '../oci/error-code.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'

/**
 * What a client is told when upstream says no or can't say: each a different answer, and a failure
 * never a 404. `unknown` is the code for what upstream doesn't have. Other errors are rethrown.
 */
export function asRegistryError(error: unknown, unknown: ErrorCode): unknown {
  if (!(error instanceof UpstreamError)) return error
  const { message, retryAfterSeconds } = error
  const options = {
    cause: error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
  if (error.kind === 'not-found') return new RegistryError(unknown, message, options)
  // Never 401: a challenge would make dockerd send its Docker Hub credentials to us.
  if (error.kind === 'denied') return new RegistryError('DENIED', message, options)
  if (error.kind === 'limited') return new RegistryError('TOOMANYREQUESTS', message, options)
  if (error.kind === 'unavailable') return new RegistryError('UNAVAILABLE', message, options)
  return new RegistryError('UNAVAILABLE', message, { ...options, status: 502 })
}

/** RFC 9110 §5.5 text of a Warning for what upstream couldn't confirm. */
export function staleWarning(error: UpstreamError, checkedAt: number): string {
  return `served as of ${new Date(checkedAt).toISOString()}: ${error.message}`
}
