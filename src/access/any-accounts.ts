import type { NewToken } from '../store/access-records.ts'
import type { Caller } from './caller.ts'
import type { WantedToken } from './new-token.ts'

export type UserAccount = {
  readonly name: string
  /** Why nobody can log in by that name, where nobody can. */
  readonly problem: string | undefined
  /** By a password, a token or a browser; milliseconds since 1970, undefined where it isn't known. */
  readonly lastSeenAt: number | undefined
  /** That act for the user. */
  readonly tokens: number
  /** Browsers that are logged in. */
  readonly sessions: number
}

export type TokenAccount = Omit<NewToken, 'id' | 'secretHash'> & {
  readonly lastUsedAt: number | undefined
  /** It has ended, or the user for whom it acts is gone. */
  readonly isOver: boolean
}

/** `note` says where the name is nobody's, or the token has ended. */
export type NamedCaller = { readonly caller: Caller; readonly note?: string }

/** `removedTokens` acted for an earlier user of that name, whom something else took out of the file. */
export type AddedUser = { readonly removedTokens: number }

/** `text` is shown this once, and is never kept. */
export type CreatedToken = { readonly text: string; readonly token: TokenAccount }

/**
 * Users and tokens, as whoever looks after them sees and changes them. No password, hash or secret comes out,
 * but of a token that was just made. All that changes throws RegistryError: NAME_INVALID for what can't be one
 * (as 409 where the name is taken), NAME_UNKNOWN for what isn't there, TOOMANYREQUESTS while another edits.
 */
export interface AnyAccounts {
  listUsers(): Promise<readonly UserAccount[]>
  addUser(name: string, password: string): Promise<AddedUser>
  /** Ends the user's logins in browsers; tokens stay. */
  changePassword(name: string, password: string): Promise<void>
  /** With all tokens that act for the user; gives how many. */
  removeUser(name: string): Promise<number>
  listTokens(): Promise<readonly TokenAccount[]>
  createToken(wanted: WantedToken): Promise<CreatedToken>
  revokeToken(name: string): Promise<void>
  /** Whom the name of a user or a token stands for; what is nobody's may be on a certificate. */
  findCaller(name: string): Promise<NamedCaller>
}
