/** How a registry wants to be asked (RFC 9110 §11.6.1; distribution's token specification). */
export type Challenge =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

const schemePattern = /(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi
const parameterPattern = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi

/**
 * Reads WWW-Authenticate. Bearer wins over Basic where both are offered. Parameters may come
 * unquoted (nvcr.io). Undefined where neither scheme is there or Bearer lacks its realm.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (!header) return undefined
  const starts = [...maskQuoted(header).matchAll(schemePattern)]
  const bearer = starts.findIndex((match) => match[1]?.toLowerCase() === 'bearer')
  if (bearer >= 0) {
    const text = header.slice(starts[bearer]?.index, starts[bearer + 1]?.index)
    const realm = readParameter(text, 'realm')
    if (realm) return { scheme: 'bearer', realm, service: readParameter(text, 'service') }
  }
  return starts.some((match) => match[1]?.toLowerCase() === 'basic')
    ? { scheme: 'basic' }
    : undefined
}

/** A scheme's name inside a quoted value is no scheme. */
function maskQuoted(header: string): string {
  return header.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => '"'.padEnd(quoted.length, '"'))
}

function readParameter(text: string, name: string): string | undefined {
  for (const [, key, quoted, bare] of text.matchAll(parameterPattern)) {
    if (key?.toLowerCase() === name) return quoted?.replace(/\\(.)/g, '$1') ?? bare
  }
  return undefined
}
