import type { AccessRecords, TokenRecord } from '../store/access-records.ts'
import type { Session } from './any-logins.ts'
import { isSameHash, makeToken, parseToken } from './token-secret.ts'

type Settings = {
  readonly records: Pick<
    AccessRecords,
    'addToken' | 'findToken' | 'removeToken' | 'listTokens' | 'removeEndedSessions'
  >
  readonly now: () => number
}

/** A working day. */
const lifetimeSeconds = 12 * 3_600
/** Of one user; beyond, the oldest ends. */
const mostOfOne = 20

/** Logins of browsers: tokens that end by themselves, and that no command shows. */
export class Sessions {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** `version` tells the user's password from others; see `passwordVersionOf`. */
  async begin(user: string, version: string): Promise<Session> {
    const { records, now } = this.#settings
    const createdAt = now()
    await records.removeEndedSessions(createdAt)
    await this.#endOldest(user)
    const { text, id, secretHash } = makeToken()
    await records.addToken({
      id,
      name: `session ${id} ${version}`,
      kind: 'session',
      user,
      secretHash,
      may: undefined,
      repositories: undefined,
      createdAt,
      expiresAt: createdAt + lifetimeSeconds * 1_000,
    })
    return { token: text, expiresInSeconds: lifetimeSeconds }
  }

  async end(token: string): Promise<void> {
    const { records } = this.#settings
    const parsed = parseToken(token)
    const record = parsed && (await records.findToken(parsed.id))
    const isOurs =
      record?.kind === 'session' && isSameHash(parsed?.secretHash ?? '', record.secretHash)
    if (isOurs) await records.removeToken(record.name)
  }

  async #endOldest(user: string): Promise<void> {
    const { records } = this.#settings
    const all = await records.listTokens(['session'])
    const own = all.filter((session) => session.user === user)
    const oldest = own.toSorted((one, other) => one.createdAt - other.createdAt)
    for (const { name } of oldest.slice(0, Math.max(0, own.length - mostOfOne + 1)))
      await records.removeToken(name)
  }
}

/** Of the password that the session began with: it ends with it, whoever knew it. */
export function passwordVersionOf({ name }: Pick<TokenRecord, 'name'>): string {
  return name.split(' ')[2] ?? ''
}
