/** Of a sorted list, what comes after `after`, which need not be in it; at most `limit`, which may be Infinity. */
export type Page = { readonly after?: string | undefined; readonly limit: number }

/** A part of a list, and whether it goes on. */
export type Part<T> = { readonly entries: readonly T[]; readonly hasMore: boolean }

/** Cuts a page out of a list that is sorted by its UTF-16 codes, as what is ASCII by its bytes. */
export function cutPage(sorted: readonly string[], { after, limit }: Page): Part<string> {
  const start = after === undefined ? 0 : firstAfter(sorted, after)
  const entries = sorted.slice(start, start + limit)
  // Of nothing there is no last one after which it could go on.
  const hasMore = entries.length > 0 && start + entries.length < sorted.length
  return { entries, hasMore }
}

function firstAfter(sorted: readonly string[], after: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') <= after) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A page of a list that is elsewhere: `read` is asked for one entry more than are wanted, `most` at most,
 * by which it is known whether the list goes on.
 */
export async function readPart<T, P extends Page>(
  page: P,
  most: number,
  read: (page: P) => Promise<readonly T[]>,
): Promise<Part<T>> {
  const limit = Math.min(page.limit, most)
  if (limit <= 0) return { entries: [], hasMore: false }
  const found = await read({ ...page, limit: limit + 1 })
  return { entries: found.slice(0, limit), hasMore: found.length > limit }
}
