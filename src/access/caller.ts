import type { Action } from './rules.ts'

/** What a token of its own may, or is limited to. */
export type Grant = {
  readonly may: readonly Action[]
  /** Globs over hosted and mirrored names. */
  readonly repositories: readonly string[]
}

/**
 * For what a token of `/token` was made: a repository, as it stands in a request's path, or
 * `registry:catalog:*`, the list of them.
 */
export type Scope = {
  readonly type: 'repository' | 'registry'
  readonly name: string
  readonly actions: readonly string[]
}

/** Who asks, as plain data. */
export type Caller =
  | {
      readonly kind: 'anonymous'
      /** Whether anybody can: then who may not do something is asked to. */
      readonly canLogIn?: boolean | undefined
      readonly scopes?: readonly Scope[] | undefined
    }
  /** Whoever can read the data folder: may do everything. */
  | {
      readonly kind: 'operator'
      readonly scopes?: readonly Scope[] | undefined
    }
  | {
      readonly kind: 'user'
      readonly name: string
      /** Known by a certificate alone: whoever issues those may have had other things in mind. */
      readonly isCertified?: boolean | undefined
      /** The name of the token that acts for the user. */
      readonly token?: string | undefined
      /** All that the token may of what its user may. */
      readonly limit?: Grant | undefined
      readonly scopes?: readonly Scope[] | undefined
    }
  | {
      readonly kind: 'token'
      readonly name: string
      /** What it may by itself, beside what rules give to its name. */
      readonly grant?: Grant | undefined
      readonly scopes?: readonly Scope[] | undefined
    }

export const anonymous: Caller = { kind: 'anonymous' }
export const operator: Caller = { kind: 'operator' }

/** For the log and the audit: `alice`, `alice (token laptop)`, `token ci`, `anonymous`, `operator`. */
export function formatCaller(caller: Caller): string {
  if (caller.kind === 'token') return `token ${caller.name}`
  if (caller.kind !== 'user') return caller.kind
  return caller.token === undefined ? caller.name : `${caller.name} (token ${caller.token})`
}

/** Who hasn't logged in, and could have: where nobody can, everybody is alike. */
export function isStranger(caller: Caller): boolean {
  return caller.kind === 'anonymous' && caller.canLogIn === true
}
