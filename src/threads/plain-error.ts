import type { ErrorCode, ErrorStatus } from '../oci/error-code.ts'
import { RegistryError } from '../oci/registry-error.ts'

/** An error that can be copied from thread to thread. */
export type PlainError =
  | {
      readonly kind: 'registry'
      readonly code: ErrorCode
      readonly status: ErrorStatus
      readonly message: string
      readonly retryAfterSeconds: number | undefined
      /** Its cause's text, for the log. */
      readonly cause: string | undefined
    }
  | { readonly kind: 'other'; readonly message: string; readonly stack: string | undefined }

export function toPlainError(error: unknown): PlainError {
  if (error instanceof RegistryError) {
    const { code, status, message, retryAfterSeconds, cause } = error
    const text = cause === undefined ? undefined : describe(cause)
    return { kind: 'registry', code, status, message, retryAfterSeconds, cause: text }
  }
  if (error instanceof Error) return { kind: 'other', message: error.message, stack: error.stack }
  return { kind: 'other', message: String(error), stack: undefined }
}

export function toError(plain: PlainError): Error {
  if (plain.kind === 'other') {
    const error = new Error(plain.message)
    if (plain.stack !== undefined) error.stack = plain.stack
    return error
  }
  const { code, status, message, retryAfterSeconds, cause } = plain
  return new RegistryError(code, message, {
    status,
    cause,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
