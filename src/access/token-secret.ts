import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const pattern = /^entrepot_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/

export type TokenSecret = {
  /** By which its record is found; no secret. */
  readonly id: string
  /** SHA-256, in hexadecimal digits. */
  readonly secretHash: string
}

/** `text` is for its owner alone, and is never kept. */
export function makeToken(): TokenSecret & { readonly text: string } {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  return { text: `entrepot_${id}_${secret}`, id, secretHash: hashOf(secret) }
}

/** Undefined for what is no token. Whether there is such a one its record tells. */
export function parseToken(text: string): TokenSecret | undefined {
  const [, id, secret] = pattern.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secretHash: hashOf(secret) }
}

/** In a time that doesn't tell where they differ. */
export function isSameHash(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)]
  return first.length === second.length && timingSafeEqual(first, second)
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
