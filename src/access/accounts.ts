import { quote, RegistryError } from '../oci/registry-error.ts'
import type { AccessRecords, NewToken, TokenRecord } from '../store/access-records.ts'
import type {
  AddedUser,
  AnyAccounts,
  CreatedToken,
  NamedCaller,
  TokenAccount,
  UserAccount,
} from './any-accounts.ts'
import { PasswordEditor, type TakeLock, whileLocked } from './edit-password-file.ts'
import { readNewToken, type WantedToken } from './new-token.ts'
import { hashPassword, refusePassword } from './password-hash.ts'
import { callerOfToken } from './token-caller.ts'
import { makeToken } from './token-secret.ts'
import { refuseName } from './user-name.ts'

type Settings = {
  /** The data folder. */
  readonly data: string
  readonly records: AccessRecords
  readonly takeLock: TakeLock
  /** Whether `access.groups` has one of that name. */
  readonly isGroup: (name: string) => boolean
  readonly now: () => number
  /** Who may log in has changed: resolves once that counts. */
  readonly onChanged?: () => Promise<void>
}

/** Kept as robots, people's and browsers' tokens. */
const everyKind = ['robot', 'personal', 'session'] as const

/** The one place where users and tokens are changed, by commands and by a server. A name stands for one of them, or for a group. */
export class Accounts implements AnyAccounts {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async listUsers(): Promise<readonly UserAccount[]> {
    const { data, records } = this.#settings
    const { users, problems } = await new PasswordEditor(data).list()
    const tokens = Map.groupBy(await records.listTokens(everyKind), ({ user }) => user)
    const seen = await records.listUserLogins()
    const problemOf = new Map(problems.map(({ user, what }) => [user, what]))
    return [...users.keys()].sort().map((name) => {
      const own = (tokens.get(name) ?? []).filter((token) => !this.#hasEnded(token))
      const sessions = own.filter(({ kind }) => kind === 'session').length
      const lastSeenAt = seen.get(name)
      const problem = problemOf.get(name)
      return { name, problem, lastSeenAt, tokens: own.length - sessions, sessions }
    })
  }

  /** What is wrong with the name of a new user. Throws RegistryError. */
  async refuseUser(name: string): Promise<void> {
    const wrong = refuseName(name)
    if (wrong !== undefined) throw new RegistryError('NAME_INVALID', wrong)
    this.#refuseGroup(name)
    const tokens = await this.#settings.records.listTokens(everyKind)
    if (!tokens.some((token) => token.name === name)) return
    throw taken(`a token has the name ${quote(name)}`, `revoke ${name} first`)
  }

  async addUser(name: string, password: string): Promise<AddedUser> {
    const { isNew, removedTokens } = await this.putUser(name, password, { isNew: true })
    if (isNew) return { removedTokens }
    throw taken(`there is a user ${quote(name)} already`, 'change the password of that one')
  }

  async changePassword(name: string, password: string): Promise<void> {
    const hash = await readPassword(password)
    await this.#edit(async (editor) => {
      if (!(await editor.has(name))) throw missing('user', name)
      await editor.addUser(name, hash)
      await this.#removeSessionsOf(name)
    })
  }

  /** Adds the user, or with `isNew: false` gives another password to whoever there is. */
  async putUser(
    name: string,
    password: string,
    wanted: { readonly isNew: boolean },
  ): Promise<AddedUser & { readonly isNew: boolean }> {
    await this.refuseUser(name)
    const hash = await readPassword(password)
    return this.#edit(async (editor) => {
      await this.refuseUser(name)
      const isNew = !(await editor.has(name))
      if (wanted.isNew && !isNew) return { isNew, removedTokens: 0 }
      const { records } = this.#settings
      // Of another of that name, whom something else took out of the file: they would act for this one.
      const removedTokens = isNew ? await records.removeTokensOf(name) : 0
      await editor.addUser(name, hash)
      if (!isNew) await this.#removeSessionsOf(name)
      return { isNew, removedTokens }
    })
  }

  async removeUser(name: string): Promise<number> {
    const { records } = this.#settings
    return this.#edit(async (editor) => {
      const isGone = await editor.removeUser(name)
      const tokens = await records.removeTokensOf(name)
      if (!isGone && tokens === 0) throw missing('user', name)
      await records.removeUserLogin(name)
      return tokens
    })
  }

  async listTokens(): Promise<readonly TokenAccount[]> {
    const { data, records } = this.#settings
    const { users } = await new PasswordEditor(data).list()
    const tokens = await records.listTokens(['robot', 'personal'])
    return tokens.map((token) => {
      const isOrphan = token.user !== undefined && !users.has(token.user)
      return toAccount(token, isOrphan || this.#hasEnded(token))
    })
  }

  async createToken(wanted: WantedToken): Promise<CreatedToken> {
    const createdAt = this.#settings.now()
    const said = readNewToken(wanted, createdAt)
    this.#refuseGroup(said.name)
    const { text, id, secretHash } = makeToken()
    const token: NewToken = { ...said, id, secretHash, createdAt }
    await this.#edit((editor) => this.#addToken(editor, token))
    return { text, token: toAccount({ ...token, lastUsedAt: undefined }, false) }
  }

  async revokeToken(name: string): Promise<void> {
    const { records, onChanged } = this.#settings
    const tokens = await records.listTokens(['robot', 'personal'])
    // A browser's login isn't one that anybody has seen the name of.
    const isThere = tokens.some((token) => token.name === name)
    if (!isThere || !(await records.removeToken(name))) throw missing('token', name)
    await onChanged?.()
  }

  async findCaller(name: string): Promise<NamedCaller> {
    const { data, records } = this.#settings
    if (await new PasswordEditor(data).has(name)) return { caller: { kind: 'user', name } }
    const tokens = await records.listTokens(['robot', 'personal'])
    const token = tokens.find((each) => each.name === name)
    if (token === undefined) {
      const note = `there is no user or token ${quote(name)}: this is what one of that name might, as by a certificate`
      return { caller: { kind: 'user', name }, note }
    }
    const isOver = this.#hasEnded(token)
    return { caller: callerOfToken(token), ...(isOver && { note: `the token ${name} has ended` }) }
  }

  /** They ended with the password they began with, and would still be counted. */
  async #removeSessionsOf(user: string): Promise<void> {
    const { records } = this.#settings
    const sessions = await records.listTokens(['session'])
    const own = sessions.filter((session) => session.user === user)
    for (const { name } of own) await records.removeToken(name)
  }

  async #addToken(editor: PasswordEditor, token: NewToken): Promise<void> {
    const { name, user } = token
    if (await editor.has(name)) throw taken(`there is a user ${quote(name)}`, 'choose another name')
    if (user !== undefined && !(await editor.has(user))) throw missing('user', user)
    if (await this.#settings.records.addToken(token)) return
    throw taken(`there is a token ${quote(name)} already`, 'revoke that one first')
  }

  #refuseGroup(name: string): void {
    if (!this.#settings.isGroup(name)) return
    const what = `a group has the name ${quote(name)}`
    throw taken(what, 'change access.groups in mirrors.yaml first')
  }

  #hasEnded({ expiresAt }: TokenRecord): boolean {
    return expiresAt !== undefined && expiresAt <= this.#settings.now()
  }

  async #edit<T>(act: (editor: PasswordEditor) => Promise<T>): Promise<T> {
    const { data, takeLock, onChanged } = this.#settings
    const result = await whileLocked(data, takeLock, act)
    await onChanged?.()
    return result
  }
}

async function readPassword(text: string): Promise<string> {
  const wrong = refusePassword(text)
  if (wrong !== undefined) throw new RegistryError('NAME_INVALID', wrong)
  return hashPassword(text)
}

function toAccount({ id: _, secretHash: __, ...token }: TokenRecord, isOver: boolean) {
  return { ...token, isOver }
}

/** Rules couldn't tell the two apart. */
function taken(what: string, advice: string): RegistryError {
  return new RegistryError('NAME_INVALID', `${what}: ${advice}, or choose another name`, {
    status: 409,
  })
}

function missing(kind: 'user' | 'token', name: string): RegistryError {
  return new RegistryError('NAME_UNKNOWN', `there is no ${kind} ${quote(name)}`)
}
