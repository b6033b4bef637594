import type { UpstreamName } from '../oci/upstream-name.ts'
import type { TransportResponse } from './transport.ts'
import { UpstreamError, type UpstreamErrorKind } from './upstream-error.ts'

const maxRetryAfterSeconds = 24 * 3600

type Answer = Pick<TransportResponse, 'status' | 'header'>

/** Throws the UpstreamError that a status stands for, unless it is 200 or 206. The body is the caller's. */
export function checkStatus(
  upstream: UpstreamName,
  answer: Answer,
  { isElsewhere = false } = {},
): void {
  const { status } = answer
  if (status === 200 || status === 206) return
  const retryAfterSeconds = readRetryAfter(answer)
  throw new UpstreamError(upstream, kindOf(status), describe(status), {
    status,
    isElsewhere,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

function kindOf(status: number): UpstreamErrorKind {
  if (status === 404) return 'not-found'
  if (status === 401 || status === 403) return 'denied'
  if (status === 429) return 'limited'
  return status >= 500 ? 'unavailable' : 'invalid'
}

function describe(status: number): string {
  if (status === 404) return "doesn't have it (404)"
  if (status === 429) return 'limits our requests at the moment (429)'
  if (status === 401 || status === 403) {
    return `denies access, or has no such repository (${status})`
  }
  return `answered ${status}`
}

/**
 * RFC 9110 §10.2.3: seconds, or a date. A date is held against the answer's own Date, since what
 * counts is upstream's clock and not whether ours is right.
 */
function readRetryAfter({ header }: Answer): number | undefined {
  const value = header('retry-after')
  if (!value) return undefined
  const sentAt = Date.parse(header('date') ?? '')
  const now = Number.isNaN(sentAt) ? Date.now() : sentAt
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000
  // "At once" says nothing about when: our own pauses do then.
  if (!Number.isFinite(seconds) || seconds <= 0) return undefined
  return Math.min(Math.ceil(seconds), maxRetryAfterSeconds)
}
