import { type ErrorCode, type ErrorStatus, errorCodes } from './error-code.ts'

type Options = {
  /** Replaces the code's own status, where one code covers two situations. */
  readonly status?: ErrorStatus
  /** Sent as Retry-After (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds?: number
  /** It is about what is hosted here, and no upstream has to do with it. */
  readonly isHosted?: boolean
  /** Why, for the log; never sent to a client. */
  readonly cause?: unknown
}

/**
 * An answer to a client that is an error. `message` is public: it says what was found, what is
 * wanted and what to do, and never holds a path, a secret or a stack.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: ErrorCode
  readonly status: ErrorStatus
  readonly retryAfterSeconds: number | undefined
  readonly isHosted: boolean

  constructor(code: ErrorCode, message: string, options: Options = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status ?? errorCodes[code].status
    this.retryAfterSeconds = options.retryAfterSeconds
    this.isHosted = options.isHosted ?? false
  }
}

/** Cuts what a client sent to a length that is safe to repeat in a message or a log line. */
export function quote(text: string, maxLength = 80): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return JSON.stringify(cut)
}
