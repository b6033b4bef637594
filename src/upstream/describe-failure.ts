import type { UpstreamName } from '../oci/upstream-name.ts'
import { ForbiddenAddressError } from './public-addresses.ts'
import { UpstreamError } from './upstream-error.ts'

/** What a person can do something about, by the code that Node, OpenSSL or undici gives. */
const reasons: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: "can't be reached: connecting took too long",
  UND_ERR_HEADERS_TIMEOUT: 'took too long to answer',
  UND_ERR_BODY_TIMEOUT: 'stopped sending in the middle of its answer',
  UND_ERR_SOCKET: 'closed the connection',
  ECONNREFUSED: "can't be reached: it refuses connections",
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  ETIMEDOUT: "can't be reached: connecting took too long",
  EHOSTUNREACH: "can't be reached: no route to it",
  ENETUNREACH: "can't be reached: no network",
  ENOTFOUND: "can't be reached: its name doesn't resolve",
  EAI_AGAIN: "can't be reached: its name can't be resolved at the moment",
  ABORT_ERR: 'was not waited for any longer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate: give its CA as ca: in mirrors.yaml',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate of an unknown CA: give it as ca: in mirrors.yaml',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has a certificate of an unknown CA: give it as ca: in mirrors.yaml',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'has a certificate of an unknown CA: give it as ca: in mirrors.yaml',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
}

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'ABORT_ERR',
])

/** Turns whatever a request threw into an UpstreamError that says what went wrong, and keeps the cause for the log. */
export function describeFailure(
  upstream: UpstreamName,
  error: unknown,
  { isElsewhere = false } = {},
): UpstreamError {
  if (error instanceof UpstreamError) return error
  const causes = causeChain(error)
  if (causes.some((cause) => cause instanceof ForbiddenAddressError)) {
    const what = 'leads to an address that is not public; allowHosts: in mirrors.yaml permits one'
    return new UpstreamError(upstream, 'invalid', what, { cause: error })
  }
  const code = causes
    .map(codeOf)
    .find((candidate) => candidate !== undefined && candidate in reasons)
  const what = (code && reasons[code]) ?? "can't be reached or broke off"
  const isTimeout = code !== undefined && timeouts.has(code)
  return new UpstreamError(upstream, 'unavailable', what, { cause: error, isTimeout, isElsewhere })
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'ABORT_ERR'
  return (error as NodeJS.ErrnoException).code
}

function causeChain(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let at = error; at !== undefined && chain.length < 8; ) {
    chain.push(at)
    if (at instanceof AggregateError) chain.push(...at.errors)
    at = at instanceof Error ? at.cause : undefined
  }
  return chain
}
