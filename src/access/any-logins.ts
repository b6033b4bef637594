import type { Caller, Scope } from './caller.ts'

/** What somebody brings to show who they are. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A token of ours, of any kind. */
  | { readonly kind: 'bearer'; readonly token: string }

/** From where somebody asks. */
export type Asker = {
  readonly address: string
  /** Whom limits take for one client. */
  readonly network: string
}

export type Identified = {
  readonly caller: Caller
  /** By which the same caller is found again, as long as there is one. */
  readonly identity: string
  /** Milliseconds since 1970: until then nobody need ask again, unless something changes. */
  readonly validUntil: number
}

/** A token for requests to the registry (distribution's token specification). */
export type Issued = {
  readonly token: string
  readonly issuedAt: number
  readonly expiresInSeconds: number
}

export type Session = { readonly token: string; readonly expiresInSeconds: number }

/** Who can log in, asked from the thread where that is known or from another. */
export interface AnyLogins {
  /** Whether anybody can: until then nobody is asked to. */
  readonly exist: boolean
  /**
   * Throws RegistryError: UNAUTHORIZED where nobody is who they say, which never tells what is wrong with it;
   * TOOMANYREQUESTS after too many that failed.
   */
  identify(credentials: Credentials, asker: Asker): Promise<Identified>
  issue(identity: string, scopes: readonly Scope[]): Promise<Issued>
  /**
   * For a browser: stands for the user of that identity, for so long, or until the password is another. Throws
   * RegistryError DENIED for who hasn't brought a user's password.
   */
  beginSession(identity: string): Promise<Session>
  /** Of what isn't one nothing is said. */
  endSession(token: string): Promise<void>
}
