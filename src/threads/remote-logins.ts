import type {
  AnyLogins,
  Asker,
  Credentials,
  Identified,
  Issued,
  Session,
} from '../access/any-logins.ts'
import type { Scope } from '../access/caller.ts'
import type { KnownCallers } from '../access/known-callers.ts'
import type { Calls } from './calls.ts'

type Authentication = { readonly logins: AnyLogins; readonly known: KnownCallers }

/** What a serving thread may ask about logins. */
export type LoginCalls = {
  identify(credentials: Credentials, asker: Asker): Promise<Identified>
  issueToken(identity: string, scopes: readonly Scope[]): Promise<Issued>
  beginSession(identity: string): Promise<Session>
  endSession(token: string): Promise<void>
}

/** What the main thread has for it: it remembers for all threads who it was. */
export function loginCalls({ logins, known }: Authentication): LoginCalls {
  return {
    identify: (credentials, asker) =>
      known.identify(JSON.stringify(credentials), credentials, asker),
    issueToken: (identity, scopes) => logins.issue(identity, scopes),
    beginSession: (identity) => logins.beginSession(identity),
    endSession: (token) => logins.endSession(token),
  }
}

/** Who can log in, as a serving thread has it: the main thread knows. */
export class RemoteLogins implements AnyLogins {
  readonly #calls: Calls<LoginCalls>
  exist: boolean

  constructor(calls: Calls<LoginCalls>, exist: boolean) {
    this.#calls = calls
    this.exist = exist
  }

  identify(credentials: Credentials, asker: Asker): Promise<Identified> {
    return this.#calls.call('identify', credentials, asker)
  }

  issue(identity: string, scopes: readonly Scope[]): Promise<Issued> {
    return this.#calls.call('issueToken', identity, scopes)
  }

  beginSession(identity: string): Promise<Session> {
    return this.#calls.call('beginSession', identity)
  }

  endSession(token: string): Promise<void> {
    return this.#calls.call('endSession', token)
  }
}
