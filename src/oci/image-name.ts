import { parseDigest } from './digest.ts'
import { parseReference, type Reference } from './reference.ts'

/** An image as people write it, with the reference taken off its name. */
export type ImageName = {
  /** Perhaps with the upstream in front. */
  readonly name: string
  readonly reference: Reference
}

const usualTag = 'latest'

/**
 * Reads `team/app:1`, `docker.io/library/alpine@sha256:...` or `alpine`, whose tag is latest. Of tag and
 * digest the digest counts. Throws RegistryError for a reference that is malformed.
 */
export function parseImageName(text: string): ImageName {
  const at = text.indexOf('@')
  const tagged = at < 0 ? text : text.slice(0, at)
  // A colon before the last slash is a port's.
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1)
  const name = colon < 0 ? tagged : tagged.slice(0, colon)
  if (at >= 0) return { name, reference: parseDigest(text.slice(at + 1)) }
  return { name, reference: parseReference(colon < 0 ? usualTag : tagged.slice(colon + 1)) }
}
