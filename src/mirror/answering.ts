import type { ErrorCode } from '../oci/error-code.ts'
import { formatSource, type Source } from '../oci/source.ts'
import { asRegistryError } from './registry-answer.ts'

/** What a client asked for, as its errors name it. */
export type Asked = {
  /** The code for what upstream doesn't have. */
  readonly unknown: ErrorCode
  readonly source: Source
  /** Follows the source's name in a message: `:latest`, ` tags`. */
  readonly what: string
}

/** What `pull` gives; what it throws becomes what a client is to be told: see asRegistryError. */
export async function answering<T>(asked: Asked, pull: () => Promise<T>): Promise<T> {
  try {
    return await pull()
  } catch (error) {
    throw asRegistryError(error, asked.unknown, `${formatSource(asked.source)}${asked.what}`)
  }
}
