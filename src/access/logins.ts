import { RegistryError } from '../oci/registry-error.ts'
import type { AccessRecords } from '../store/access-records.ts'
import type { AnyLogins, Asker, Credentials, Identified, Issued, Session } from './any-logins.ts'
import { BearerTokens } from './bearer-tokens.ts'
import type { Scope } from './caller.ts'
import { Identities, identityOfOperator, identityOfToken, identityOfUser } from './identities.ts'
import type { LoginNotes } from './login-notes.ts'
import { isOperatorKey } from './operator-key.ts'
import { PasswordLogins, type Passwords } from './password-logins.ts'
import { Sessions } from './sessions.ts'
import { isSameHash, parseToken } from './token-secret.ts'

export type LoginSettings = {
  readonly records: AccessRecords
  readonly passwords: Passwords
  readonly operatorKey: string
  readonly notes: LoginNotes
  readonly now: () => number
  /** Hears of what couldn't be written. */
  readonly onError: (error: unknown, what: string) => void
}

/**
 * The room's main part: who somebody is, by a password of the file `htpasswd`, by a token that was made for them,
 * or by a token of `/token`, which stands for one of the other two and ends with it.
 */
export class Logins implements AnyLogins {
  readonly #settings: LoginSettings
  readonly #bearers: BearerTokens
  readonly #passwords: PasswordLogins
  readonly #identities: Identities
  readonly #sessions: Sessions
  #hasTokens = false
  #refusedCount = 0

  private constructor(settings: LoginSettings, bearers: BearerTokens) {
    this.#settings = settings
    this.#bearers = bearers
    this.#passwords = new PasswordLogins(settings)
    this.#identities = new Identities(settings)
    this.#sessions = new Sessions(settings)
  }

  static async open(settings: LoginSettings): Promise<Logins> {
    const { records, now, onError } = settings
    // On a full disk they stay, and are over all the same.
    await records.removeEndedSessions(now()).catch((error) => {
      onError(error, "logins of browsers that have ended couldn't be removed")
    })
    const logins = new Logins(settings, await BearerTokens.open(records, settings))
    await logins.reload()
    return logins
  }

  /** Takes up tokens and keys that another process made or took away. */
  async reload(): Promise<void> {
    const tokens = await this.#settings.records.listTokens(['robot', 'personal'])
    this.#hasTokens = tokens.length > 0
    await this.#bearers.reload()
  }

  get exist(): boolean {
    return this.#hasTokens || !this.#settings.passwords.isEmpty
  }

  /** So many attempts were wrong, or came too soon after such. */
  get refusedCount(): number {
    return this.#refusedCount
  }

  async identify(credentials: Credentials, asker: Asker): Promise<Identified> {
    try {
      return await this.#identify(credentials, asker)
    } catch (error) {
      if (error instanceof RegistryError) this.#refusedCount++
      throw error
    }
  }

  issue(identity: string, scopes: readonly Scope[]): Promise<Issued> {
    return this.#bearers.issue(identity, scopes)
  }

  /** Throws RegistryError DENIED for who hasn't brought a user's password. */
  async beginSession(identity: string): Promise<Session> {
    const [kind, version = '', name = ''] = identity.split(':')
    // Of a token's rights a session would know nothing, and one that made another would never end.
    if (kind === 'user') return this.#sessions.begin(name, version)
    throw new RegistryError('DENIED', "wanted a user's own password: tokens are for programs")
  }

  endSession(token: string): Promise<void> {
    return this.#sessions.end(token)
  }

  async #identify(credentials: Credentials, asker: Asker): Promise<Identified> {
    const text = credentials.kind === 'bearer' ? credentials.token : credentials.password
    const { operatorKey } = this.#settings
    if (isOperatorKey(text, operatorKey))
      return this.#identities.find(identityOfOperator(operatorKey))
    if (parseToken(text)) return this.#identifyByToken(text, asker)
    if (credentials.kind === 'bearer') return this.#identifyByBearer(text)
    const { user, password } = credentials
    if (user === '' && password === '') return this.#identities.find('anonymous')
    const hash = await this.#passwords.check(user, password, asker)
    return this.#identities.find(identityOfUser(user, hash))
  }

  async #identifyByToken(text: string, asker: Asker): Promise<Identified> {
    const { records, notes } = this.#settings
    const parsed = parseToken(text)
    const record = parsed && (await records.findToken(parsed.id))
    const isRight = record !== undefined && isSameHash(parsed?.secretHash ?? '', record.secretHash)
    if (!isRight) throw wrong('there is no such token, or it was revoked')
    const found = await this.#identities.find(identityOfToken(record))
    notes.noteUse(record, asker)
    return found
  }

  /** What it stands for may have ended meanwhile, and then it has too. */
  async #identifyByBearer(text: string): Promise<Identified> {
    const bearer = await this.#bearers.read(text)
    if (!bearer) throw wrong('the token has ended, or is none of this server')
    const { caller, identity, validUntil } = await this.#identities.find(bearer.identity)
    return {
      caller: { ...caller, scopes: bearer.scopes },
      identity,
      validUntil: Math.min(validUntil, bearer.expiresAt),
    }
  }
}

function wrong(what: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', what)
}
