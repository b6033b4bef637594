/** How a registry wants to be asked (RFC 9110 §11.6.1; distribution's token specification). */
export type Challenge =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** A word, perhaps with a value; matched from where the last one ended, so time grows with the length only. */
const wordPattern = /[\s,]*([a-z0-9_-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/iy
const maxHeaderLength = 4096

type Offer = { readonly scheme: string; readonly parameters: Map<string, string> }

/**
 * Reads WWW-Authenticate. Bearer wins over Basic where both are offered. Parameters may come
 * unquoted (nvcr.io). Undefined where neither scheme is there or Bearer lacks its realm.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  if (!header || header.length > maxHeaderLength) return undefined
  const offers = readOffers(header)
  const bearer = offers.find((offer) => offer.scheme === 'bearer')?.parameters
  const realm = bearer?.get('realm')
  if (realm) return { scheme: 'bearer', realm, service: bearer?.get('service') }
  return offers.some((offer) => offer.scheme === 'basic') ? { scheme: 'basic' } : undefined
}

/** A word without a value is a scheme's name; other words belong to the scheme before them. */
function readOffers(header: string): Offer[] {
  const offers: Offer[] = []
  let at = 0
  while (at < header.length) {
    wordPattern.lastIndex = at
    const [whole, word = '', quoted, bare] = wordPattern.exec(header) ?? []
    at += whole?.length ?? 1
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare
    const name = word.toLowerCase()
    if (value === undefined) {
      if (name === 'basic' || name === 'bearer')
        offers.push({ scheme: name, parameters: new Map() })
    } else if (!offers.at(-1)?.parameters.has(name)) {
      offers.at(-1)?.parameters.set(name, value)
    }
  }
  return offers
}
