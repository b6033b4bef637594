import { createHash } from 'node:crypto'
import { RegistryError } from '../oci/registry-error.ts'
import type { AccessRecords, TokenRecord } from '../store/access-records.ts'
import type { AnyLogins, Asker, Credentials, Identified, Issued, Session } from './any-logins.ts'
import { BearerTokens } from './bearer-tokens.ts'
import { anonymous, type Caller, operator, type Scope } from './caller.ts'
import { LoginBrake } from './login-brake.ts'
import type { LoginNotes } from './login-notes.ts'
import { isOperatorKey } from './operator-key.ts'
import { PasswordChecks } from './password-checks.ts'
import { passwordVersionOf, Sessions } from './sessions.ts'
import { callerOfToken } from './token-caller.ts'
import { isSameHash, parseToken } from './token-secret.ts'
import { WrongGuesses } from './wrong-guesses.ts'

/** What is known of users: see PasswordFile. */
type Passwords = {
  /** In bcrypt's form. */
  find(user: string): string | undefined
  /** See PasswordFile. */
  decoyFor(user: string): string | undefined
  /** Takes up what was changed meanwhile; true where that is anything. */
  refresh(): Promise<boolean>
  readonly isEmpty: boolean
}

export type LoginSettings = {
  readonly records: AccessRecords
  readonly passwords: Passwords
  readonly operatorKey: string
  readonly notes: LoginNotes
  readonly now: () => number
  /** Hears of what couldn't be written. */
  readonly onError: (error: unknown, what: string) => void
}

const wrongLogin = 'the user name or the password is wrong'
/** What was right a moment ago is taken for right without another look for so long. */
const rememberedMs = 60_000

/**
 * The room's main part: who somebody is, by a password of the file `htpasswd`, by a token that was made for them,
 * or by a token of `/token`, which stands for one of the other two and ends with it.
 */
export class Logins implements AnyLogins {
  readonly #settings: LoginSettings
  readonly #bearers: BearerTokens
  readonly #brake: LoginBrake
  readonly #checks = new PasswordChecks()
  readonly #sessions: Sessions
  readonly #wrong = new WrongGuesses()
  #hasTokens = false

  private constructor(settings: LoginSettings, bearers: BearerTokens) {
    this.#settings = settings
    this.#bearers = bearers
    this.#brake = new LoginBrake(settings.now)
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

  async identify(credentials: Credentials, asker: Asker): Promise<Identified> {
    const text = credentials.kind === 'bearer' ? credentials.token : credentials.password
    const { operatorKey } = this.#settings
    if (isOperatorKey(text, operatorKey)) return this.#find(`operator:${versionOf(operatorKey)}`)
    if (parseToken(text)) return this.#identifyByToken(text, asker)
    return credentials.kind === 'bearer'
      ? this.#identifyByBearer(text)
      : this.#identifyByPassword(credentials, asker)
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

  async #identifyByPassword(
    { user, password }: { readonly user: string; readonly password: string },
    asker: Asker,
  ): Promise<Identified> {
    if (user === '' && password === '') return this.#find('anonymous')
    const { passwords, notes } = this.#settings
    const { network } = asker
    if (this.#wrong.has(user, password, passwords.find(user))) throw wrong(wrongLogin)
    const waitMs = this.#brake.waitMs(network, user)
    if (waitMs > 0) throw tooMany(waitMs)
    this.#brake.begin(network, user)
    const hash = await this.#findHash(user, password, network).catch((error: unknown) => {
      this.#brake.forget(network, user)
      throw error
    })
    notes.noteLogin({ user, asker, isRight: hash !== undefined })
    if (hash === undefined) {
      this.#wrong.add(user, password, passwords.find(user))
      throw wrong(wrongLogin)
    }
    this.#brake.succeed(network, user)
    return this.#find(`user:${versionOf(hash)}:${user}`)
  }

  /** Of the password where it is right; a user who was added a moment ago may not be known yet. */
  async #findHash(user: string, password: string, network: string): Promise<string | undefined> {
    const { passwords } = this.#settings
    const hash = passwords.find(user)
    const checked = hash ?? passwords.decoyFor(user)
    const isMatch = await this.#checks.check(password, checked, network)
    if (isMatch && hash !== undefined) return hash
    const added = (await passwords.refresh()) ? passwords.find(user) : undefined
    const isRight = added !== undefined && (await this.#checks.check(password, added, network))
    return isRight ? added : undefined
  }

  async #identifyByToken(text: string, asker: Asker): Promise<Identified> {
    const { records, notes } = this.#settings
    const parsed = parseToken(text)
    const record = parsed && (await records.findToken(parsed.id))
    const isRight = record !== undefined && isSameHash(parsed?.secretHash ?? '', record.secretHash)
    if (!isRight) throw wrong('there is no such token, or it was revoked')
    const found = await this.#find(`token:${record.id}`)
    notes.noteUse(record, asker)
    return found
  }

  /** What it stands for may have ended meanwhile, and then it has too. */
  async #identifyByBearer(text: string): Promise<Identified> {
    const bearer = await this.#bearers.read(text)
    if (!bearer) throw wrong('the token has ended, or is none of this server')
    const { caller, identity, validUntil } = await this.#find(bearer.identity)
    return {
      caller: { ...caller, scopes: bearer.scopes },
      identity,
      validUntil: Math.min(validUntil, bearer.expiresAt),
    }
  }

  /** Throws RegistryError UNAUTHORIZED where it isn't there any more. */
  async #find(identity: string): Promise<Identified> {
    const [kind, first = '', ...rest] = identity.split(':')
    const validUntil = this.#settings.now() + rememberedMs
    if (kind === 'user')
      return { identity, validUntil, caller: this.#findUser(first, rest.join(':')) }
    if (kind === 'certificate')
      return { identity, validUntil, caller: { kind: 'user', name: first } }
    if (kind === 'operator') return { identity, validUntil, caller: this.#findOperator(first) }
    if (kind !== 'token') return { identity, validUntil, caller: anonymous }
    const record = await this.#findToken(first)
    return { identity, validUntil: endOf(record, validUntil), caller: callerOfToken(record) }
  }

  #findOperator(version: string): Caller {
    if (versionOf(this.#settings.operatorKey) === version) return operator
    throw wrong("the operator's key is another now")
  }

  #findUser(version: string, name: string): Caller {
    const hash = this.#settings.passwords.find(name)
    if (hash !== undefined && versionOf(hash) === version) return { kind: 'user', name }
    throw wrong('the user is gone, or has another password now: log in again')
  }

  async #findToken(id: string): Promise<TokenRecord> {
    const { records, passwords, now } = this.#settings
    const record = await records.findToken(id)
    if (!record) throw wrong('there is no such token, or it was revoked')
    if (record.expiresAt !== undefined && record.expiresAt <= now())
      throw wrong(`the token ${record.name} has ended: "entrepot token create" makes another`)
    if (record.user !== undefined && passwords.find(record.user) === undefined)
      throw wrong('the user for whom the token acts is gone')
    if (record.kind === 'session') this.#findUser(passwordVersionOf(record), record.user ?? '')
    return record
  }
}

/** Whoever logs out is out at once, on all threads: a session is looked up each time. */
function endOf({ kind, expiresAt }: TokenRecord, validUntil: number): number {
  return kind === 'session' ? 0 : Math.min(validUntil, expiresAt ?? Number.POSITIVE_INFINITY)
}

/** Changes with the password or the key, and tells nothing of it. */
function versionOf(hash: string): string {
  return createHash('sha256').update(hash).digest('hex').slice(0, 16)
}

function wrong(what: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', what)
}

function tooMany(waitMs: number): RegistryError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000)
  const what = `too many logins have failed: try again in ${retryAfterSeconds} s`
  return new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds })
}
