import { type Digest, parseDigest } from './digest.ts'
import { parseReference, type Reference } from './reference.ts'
import { quote, RegistryError } from './registry-error.ts'

/** What a path asks for. `name` still bears the upstream where the client wrote it there. */
export type Target =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: Reference }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: Digest }
  /** The id is empty where an upload is to begin. */
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: Digest }

export type RequestPath = {
  /** The upstream of `/<upstream>/v2/...`, as the client wrote it. */
  readonly view?: string
  readonly target: Target
}

/**
 * Reads a request's raw path, once, into a value (distribution-spec §Endpoints). Percent-escapes are
 * decoded exactly once and before the path is split, so an escaped slash or dot has no more power
 * than a plain one. Undefined where the path isn't the registry's; throws RegistryError where it is
 * but its reference is malformed.
 */
export function parseRequestPath(rawPath: string): RequestPath | undefined {
  const [first, ...rest] = decodePath(rawPath).slice(1).split('/')
  if (first === 'v2') return withTarget({}, rest)
  if (first && rest[0] === 'v2') return withTarget({ view: first }, rest.slice(1))
  return undefined
}

function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath)
  } catch {
    throw new RegistryError('NAME_INVALID', `the path ${quote(rawPath)} has a broken %-escape`)
  }
}

function withTarget(form: { view?: string }, parts: string[]): RequestPath | undefined {
  const target = parseTarget(parts)
  return target && { ...form, target }
}

/** Read from the end, since a repository may be called `manifests` or `tags` too. */
function parseTarget(parts: string[]): Target | undefined {
  if (parts.length === 0 || (parts.length === 1 && parts[0] === '')) return { kind: 'base' }
  if (parts.length === 1 && parts[0] === '_catalog') return { kind: 'catalog' }
  if (parts.at(-3) === 'blobs' && parts.at(-2) === 'uploads' && parts.length > 3) {
    return { kind: 'upload', name: parts.slice(0, -3).join('/'), id: parts.at(-1) ?? '' }
  }
  const name = parts.slice(0, -2).join('/')
  const [kind, last = ''] = parts.slice(-2)
  if (name === '') return undefined
  if (kind === 'manifests') return { kind: 'manifest', name, reference: parseReference(last) }
  // Some clients leave out the last slash.
  if (kind === 'blobs' && last === 'uploads') return { kind: 'upload', name, id: '' }
  if (kind === 'blobs') return { kind: 'blob', name, digest: parseDigest(last) }
  if (kind === 'referrers') return { kind: 'referrers', name, digest: parseDigest(last) }
  if (kind === 'tags' && last === 'list') return { kind: 'tags', name }
  return undefined
}
