import { randomBytes } from 'node:crypto'
import type { SigningKey } from '../store/access-records.ts'

/** 256 bits (RFC 7518 §3.2). */
const secretBytes = 32

/** A new one; what is signed with those before it stays good until it ends. */
export function makeSigningKey(now: number): SigningKey {
  const secret = randomBytes(secretBytes).toString('base64url')
  return { id: randomBytes(6).toString('hex'), secret, createdAt: now }
}
