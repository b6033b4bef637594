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
      readonly isHosted: boolean
      /** Its cause's text, for the log. */
      readonly cause: string | undefined
    }
  | {
      readonly kind: 'other'
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
      /** That of the system or of Node, such as ENOENT. */
      readonly code: string | undefined
    }

export function toPlainError(error: unknown): PlainError {
  if (error instanceof RegistryError) {
    const { code, status, message, retryAfterSeconds, isHosted, cause } = error
    const text = cause === undefined ? undefined : describe(cause)
    return { kind: 'registry', code, status, message, retryAfterSeconds, isHosted, cause: text }
  }
  if (!(error instanceof Error)) return toPlainError(new Error(String(error)))
  const { name, message, stack } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { kind: 'other', name, message, stack, code }
}

export function toError(plain: PlainError): Error {
  if (plain.kind === 'other') {
    const { name, message, stack, code } = plain
    const error = new Error(message)
    // What it has already isn't repeated: the log shows each property that an error was given.
    if (name !== error.name) error.name = name
    if (stack !== undefined) error.stack = stack
    return code === undefined ? error : Object.assign(error, { code })
  }
  const { code, status, message, retryAfterSeconds, isHosted, cause } = plain
  return new RegistryError(code, message, {
    status,
    isHosted,
    cause,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
