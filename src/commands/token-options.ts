import { readNewToken, type WantedToken } from '../access/new-token.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { CommandError } from './command-error.ts'

export type TokenOptions = {
  readonly name: string
  readonly user?: string
  /** With commas. */
  readonly may?: string
  readonly repositories?: readonly string[]
  readonly expires?: string
}

/** What the command line says of a new token, which can be made so. Throws CommandError. */
export function readTokenOptions(options: TokenOptions, now: number): WantedToken {
  const may = options.may?.split(',').map((part) => part.trim())
  const wanted = { ...options, may }
  try {
    readNewToken(wanted, now)
    return wanted
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new CommandError(`--${error.message}`, { isUsage: true, cause: error })
  }
}
