import { randomBytes } from 'node:crypto'
import type { AccessRecords, SigningKey } from '../store/access-records.ts'

/** 256 bits (RFC 7518 §3.2). */
const secretBytes = 32

/** A new one; what is signed with those before it stays good until it ends. */
export function makeSigningKey(now: number): SigningKey {
  const secret = randomBytes(secretBytes).toString('base64url')
  return { id: randomBytes(6).toString('hex'), secret, createdAt: now }
}

/** From now on it is signed with a new one, also where the last was made while the clock was ahead. Gives its id. */
export async function rotateSigningKey(records: AccessRecords, now: number): Promise<string> {
  const [newest] = await records.listSigningKeys()
  const madeAt = newest?.createdAt ?? 0
  const key = makeSigningKey(Math.max(now, madeAt + 1))
  await records.addSigningKey(key)
  // It would stay good for as long as the clock was ahead: what it signed ends now, and clients ask again.
  if (madeAt > now) await records.removeSigningKeys(key.createdAt)
  return key.id
}
