import type { Page, Part } from '../oci/page.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { RequestUrl } from './environment.ts'

/**
 * The page that `n` and `last` ask for (distribution-spec §Listing Tags). Throws RegistryError for an
 * `n` that is no number.
 */
export function readPage({ query }: RequestUrl, defaultLimit = Number.POSITIVE_INFINITY): Page {
  const limit = readCount(query.get('n'), defaultLimit)
  return { after: query.get('last') ?? undefined, limit }
}

function readCount(text: string | null, fallback: number): number {
  if (text === null || text === '') return fallback
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new RegistryError(
    'PAGINATION_NUMBER_INVALID',
    `n=${quote(text, 20)} is not a number of entries: wanted 0 or more, in digits`,
  )
}

/**
 * Leads to what comes behind the part's last entry, if anything does (RFC 8288): by the request's own
 * path and query, so that it stays within the form of name the client uses, and relative, since a client
 * refuses to follow to another host.
 */
export function linkHeader(
  url: RequestUrl,
  { limit }: Page,
  { entries, hasMore }: Part<string>,
): Record<string, string> {
  const last = entries.at(-1)
  if (!hasMore || last === undefined) return {}
  const query = new URLSearchParams(url.query)
  if (Number.isFinite(limit)) query.set('n', String(limit))
  query.set('last', last)
  return { Link: `<${url.path}?${query}>; rel="next"` }
}
