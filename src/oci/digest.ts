import { createHash } from 'node:crypto'
import { quote, RegistryError } from './registry-error.ts'

declare const brand: unique symbol

/** `algorithm:hex`, validated: sha256 or sha512, lower-case, of the right length (image-spec descriptor §Digests). */
export type Digest = string & { readonly [brand]: 'digest' }
export type DigestAlgorithm = 'sha256' | 'sha512'

export const digestAlgorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512']

const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text)
}

/** Throws RegistryError DIGEST_INVALID. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new RegistryError(
    'DIGEST_INVALID',
    `${quote(text)} is not a digest: wanted sha256: and 64, or sha512: and 128, of 0-9 and a-f`,
  )
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}
