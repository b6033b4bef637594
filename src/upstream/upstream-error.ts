import type { UpstreamName } from '../oci/upstream-name.ts'

/**
 * What an upstream's answer comes to:
 * - `not-found`, `denied`: upstream says no.
 * - `limited` (429), `unavailable` (no answer, timeout, 5xx), `invalid` (an answer that can't be
 *   right), `offline` (it may not be asked): upstream can't say; only then may something stale be
 *   served.
 */
export type UpstreamErrorKind =
  | 'not-found'
  | 'denied'
  | 'limited'
  | 'unavailable'
  | 'invalid'
  | 'offline'

type Details = {
  readonly status?: number
  readonly retryAfterSeconds?: number
  readonly isTimeout?: boolean
  readonly isElsewhere?: boolean
  readonly cause?: unknown
}

/** `message` is fit for clients: it names the upstream and the cause, and holds no address, query or secret. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly upstream: UpstreamName
  readonly kind: UpstreamErrorKind
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** Whether it was noticed by waiting in vain: waiting once more would take as long. */
  readonly isTimeout: boolean
  /** Whether another host said so, to which the registry has sent us. */
  readonly isElsewhere: boolean

  constructor(
    upstream: UpstreamName,
    kind: UpstreamErrorKind,
    what: string,
    details: Details = {},
  ) {
    super(`${upstream} ${what}`, { cause: details.cause })
    this.upstream = upstream
    this.kind = kind
    this.status = details.status
    this.retryAfterSeconds = details.retryAfterSeconds
    this.isTimeout = details.isTimeout ?? false
    this.isElsewhere = details.isElsewhere ?? false
  }

  /** Whether upstream couldn't say, in contrast to a no. */
  get isTemporary(): boolean {
    return this.kind !== 'not-found' && this.kind !== 'denied'
  }

  /** Whether the same may go well a moment later: a broken connection or a 5xx that doesn't say when. */
  get isWorthRetrying(): boolean {
    return this.kind === 'unavailable' && !this.isTimeout && !this.retryAfterSeconds
  }
}

/** What was sent is not what its digest says: nothing of it is of use. */
export class WrongContentError extends UpstreamError {
  constructor(upstream: UpstreamName, what: string) {
    super(upstream, 'invalid', what)
  }
}

/** Why what one URL doesn't have isn't taken for missing: another that may have it can't be asked. */
export class UnheardUrlError extends UpstreamError {
  constructor(upstream: UpstreamName, error: UpstreamError) {
    const { kind, status, retryAfterSeconds } = error
    super(upstream, kind, error.message.slice(upstream.length + 1), {
      cause: error,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  }

  /** Those that can be asked have answered. */
  override get isWorthRetrying(): boolean {
    return false
  }
}
