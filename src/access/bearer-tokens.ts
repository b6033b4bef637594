import { randomUUID } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { AccessRecords } from '../store/access-records.ts'
import type { Issued } from './any-logins.ts'
import type { Scope } from './caller.ts'
import { SigningKeys } from './signing-keys.ts'

/** Clients take it that one lives for a minute at least; it must outlast no push of a layer, only its beginning. */
export const lifetimeSeconds = 300
const algorithm = 'HS256'
/** Both ends of what only this server makes and reads. */
const issuer = 'entrepot'
const audience = 'entrepot'

type Settings = {
  readonly now: () => number
  /** Hears of keys that couldn't be written. */
  readonly onError: (error: unknown, what: string) => void
}

export type Bearer = {
  readonly identity: string
  readonly scopes: readonly Scope[]
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/**
 * The short-lived tokens that `/token` gives: JWTs (RFC 7519), signed with one secret algorithm that what is in
 * the token has no say in (RFC 8725 §3.1). They say who somebody is, and not what they may.
 */
export class BearerTokens {
  readonly #keys: SigningKeys
  readonly #now: () => number

  private constructor(keys: SigningKeys, now: () => number) {
    this.#keys = keys
    this.#now = now
  }

  /** Makes the first key where there is none. */
  static async open(records: AccessRecords, { now, onError }: Settings): Promise<BearerTokens> {
    const keepMs = 2 * lifetimeSeconds * 1_000
    return new BearerTokens(await SigningKeys.open(records, { now, keepMs, onError }), now)
  }

  /** Takes up keys that another process made. */
  reload(): Promise<void> {
    return this.#keys.reload()
  }

  async issue(identity: string, scopes: readonly Scope[]): Promise<Issued> {
    const { id, secret } = this.#keys.newest
    const issuedAt = Math.floor(this.#now() / 1_000)
    const token = await new SignJWT({ access: scopes })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: id })
      .setSubject(identity)
      .setIssuer(issuer)
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .sign(secret)
    return { token, issuedAt: issuedAt * 1_000, expiresInSeconds: lifetimeSeconds }
  }

  /** Undefined for what is none, is not ours, or has ended. */
  async read(token: string): Promise<Bearer | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keys.find(kid), {
        algorithms: [algorithm],
        typ: 'JWT',
        issuer,
        audience,
        requiredClaims: ['sub', 'exp', 'iat'],
        maxTokenAge: lifetimeSeconds,
        clockTolerance: 5,
        currentDate: new Date(this.#now()),
      })
      return toBearer(payload)
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

/** Only we can have written it. */
function toBearer({ sub = '', exp = 0, access }: JWTPayload): Bearer {
  return { identity: sub, scopes: access as readonly Scope[], expiresAt: exp * 1_000 }
}
