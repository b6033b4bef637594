import { quote, RegistryError } from '../oci/registry-error.ts'
import type { RequestUrl } from './environment.ts'

export type Page<T> = { readonly entries: readonly T[]; readonly next: string | undefined }

/**
 * Cuts a page out of a sorted list by `n` and `last` (distribution-spec §Listing Tags). `next` is
 * the Link's target: the request's own path and query, so that it stays within the form of name
 * the client uses. Throws RegistryError for an `n` that is no number.
 */
export function cutPage(
  sorted: readonly string[],
  url: RequestUrl,
  defaultCount = Number.POSITIVE_INFINITY,
): Page<string> {
  const count = readCount(url.query.get('n'), defaultCount)
  const last = url.query.get('last')
  const start = last === null ? 0 : firstAfter(sorted, last)
  const entries = sorted.slice(start, start + count)
  const final = entries.at(-1)
  const hasMore = start + entries.length < sorted.length
  if (!hasMore || final === undefined) return { entries, next: undefined }
  const query = new URLSearchParams(url.query)
  query.set('n', String(count))
  query.set('last', final)
  return { entries, next: `${url.path}?${query}` }
}

function readCount(text: string | null, fallback: number): number {
  if (text === null || text === '') return fallback
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new RegistryError(
    'PAGINATION_NUMBER_INVALID',
    `n=${quote(text, 20)} is not a number of entries: wanted 0 or more, in digits`,
  )
}

/** `last` itself need not be in the list. */
function firstAfter(sorted: readonly string[], last: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') <= last) low = middle + 1
    else high = middle
  }
  return low
}

/** RFC 8288; relative, since a client refuses to follow to another host. */
export function linkHeader(next: string | undefined): Record<string, string> {
  return next === undefined ? {} : { Link: `<${next}>; rel="next"` }
}
