import type { FetchFailure } from './fetch-meter.ts'
import { UpstreamError } from './upstream-error.ts'

export type Failure = Pick<FetchFailure, 'error' | 'wasSent'>

type Asked = { readonly method: 'GET' | 'HEAD'; readonly signal: AbortSignal }

/** Tells, once a request at most, that it came to nothing: unless that says nothing of how upstream does. */
export class FailureTelling {
  readonly #asked: Asked
  readonly #tell: (failure: Failure) => void
  #isTold = false
  /** Whether it ever left. */
  wasSent = false

  constructor(asked: Asked, tell: (failure: Failure) => void) {
    this.#asked = asked
    this.#tell = tell
  }

  tell(error: unknown): void {
    if (this.#isTold || !(error instanceof UpstreamError)) return
    if (isOwnDoing(error, this.#asked) || isPlainNo(error, this.#asked)) return
    this.#isTold = true
    this.#tell({ error, wasSent: this.wasSent })
  }
}

/** We left before it was answered; a deadline is another matter. */
function isOwnDoing({ cause }: UpstreamError, { signal }: Asked): boolean {
  const isAbort = cause instanceof Error && cause.name === 'AbortError'
  return isAbort || (signal.aborted && !isTimeout(signal.reason))
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}

/** It isn't there; or HEAD isn't served, which is followed by a GET. */
function isPlainNo({ kind }: UpstreamError, { method }: Asked): boolean {
  return kind === 'not-found' || (kind === 'invalid' && method === 'HEAD')
}
