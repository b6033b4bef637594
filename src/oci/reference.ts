import { type Digest, isDigest, parseDigest } from './digest.ts'
import { quote, RegistryError } from './registry-error.ts'

declare const brand: unique symbol

/** A validated tag (distribution-spec §Pulling manifests). */
export type Tag = string & { readonly [brand]: 'tag' }
/** What stands behind `/manifests/`. A tag can't hold a colon, a digest must: `isDigest` tells them apart. */
export type Reference = Tag | Digest

const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

export function isTag(text: string): text is Tag {
  return tagPattern.test(text)
}

/** Throws RegistryError: DIGEST_INVALID where there is a colon, else MANIFEST_INVALID. */
export function parseReference(text: string): Reference {
  if (isTag(text) || isDigest(text)) return text
  if (text.includes(':')) return parseDigest(text)
  throw new RegistryError(
    'MANIFEST_INVALID',
    `${quote(text)} is not a tag: wanted up to 128 of a-z, A-Z, 0-9, "_", "." and "-", not beginning with "." or "-"`,
  )
}

/** The tag at which what refers to an image lies where a registry has no referrers API (distribution-spec §Referrers Tag Schema), and cosign's forms of it. */
const fallbackPattern = /^sha(?:256|512)-[0-9a-f]{64,128}(?:\.[a-z]+)?$/

export function isFallbackTag(reference: Reference): boolean {
  return fallbackPattern.test(reference)
}
