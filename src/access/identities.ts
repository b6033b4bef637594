import { createHash } from 'node:crypto'
import { RegistryError } from '../oci/registry-error.ts'
import type { AccessRecords, TokenRecord } from '../store/access-records.ts'
import type { Identified } from './any-logins.ts'
import { anonymous, type Caller, operator } from './caller.ts'
import type { Passwords } from './password-logins.ts'
import { passwordVersionOf } from './sessions.ts'
import { callerOfToken } from './token-caller.ts'

type Settings = {
  readonly records: Pick<AccessRecords, 'findToken'>
  readonly passwords: Pick<Passwords, 'find'>
  readonly operatorKey: string
  readonly now: () => number
}

/** What was right a moment ago is taken for right without another look for so long. */
const rememberedMs = 60_000

/** Of a user with that password. */
export function identityOfUser(name: string, hash: string): string {
  return `user:${versionOf(hash)}:${name}`
}

export function identityOfToken({ id }: Pick<TokenRecord, 'id'>): string {
  return `token:${id}`
}

export function identityOfOperator(key: string): string {
  return `operator:${versionOf(key)}`
}

/**
 * What stands in a token of `/token`: by it the same caller is found again, as long as there is one. Each is one
 * of `anonymous`, `user:VERSION:NAME`, `token:ID`, `certificate:NAME` and `operator:VERSION`.
 */
export class Identities {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws RegistryError UNAUTHORIZED where it isn't there any more. */
  async find(identity: string): Promise<Identified> {
    const [kind, first = '', ...rest] = identity.split(':')
    const validUntil = this.#settings.now() + rememberedMs
    if (kind === 'user')
      return { identity, validUntil, caller: this.#findUser(first, rest.join(':')) }
    if (kind === 'certificate')
      return { identity, validUntil, caller: { kind: 'user', name: first, isCertified: true } }
    if (kind === 'operator') return { identity, validUntil, caller: this.#findOperator(first) }
    if (kind === 'anonymous') return { identity, validUntil, caller: anonymous }
    if (kind !== 'token') throw wrong('the token stands for nobody of this server')
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
