/** An image as its page's address has it: `docker.io/library/node:20`, `team/app@sha256:…`. */
export type ImageName = {
  readonly name: string
  /** A tag, or a digest. */
  readonly reference: string
  readonly isDigest: boolean
}

const usualTag = 'latest'

/** Of tag and digest the digest counts; without either, the tag is latest. */
export function splitImage(text: string): ImageName {
  const at = text.indexOf('@')
  const tagged = at < 0 ? text : text.slice(0, at)
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1)
  const name = colon < 0 ? tagged : tagged.slice(0, colon)
  if (at >= 0) return { name, reference: text.slice(at + 1), isDigest: true }
  const tag = colon < 0 ? '' : tagged.slice(colon + 1)
  return { name, reference: tag || usualTag, isDigest: false }
}

export function joinImage(name: string, reference: string): string {
  return `${name}${reference.includes(':') ? '@' : ':'}${reference}`
}

/** `library/node` of `docker.io/library/node`: what a copy is called unless somebody says otherwise. */
export function withoutUpstream(name: string): string {
  const [first = '', ...rest] = name.split('/')
  const own = /[.:]/.test(first) ? rest.join('/') : name
  return own.replace(/^library\//, '')
}
