import type { Digest } from '../oci/digest.ts'
import type { DatabaseFile, NamedBlob } from '../store/database/database-file.ts'

/** So many blobs are in memory at once. */
const pageSize = 1000
/** Twice the threads that Node reads and writes files with: none of them waits for this one. */
const laneCount = 8

/**
 * Does something with each item, some at a time. Where one fails the rest isn't begun, and the failure is
 * thrown once none is under way.
 */
export async function inLanes<T>(
  items: AsyncIterable<T> | Iterable<T>,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = asIterator(items)
  let isFailed = false
  const lane = async () => {
    try {
      while (!isFailed) {
        const { done, value } = await iterator.next()
        if (done) return
        await act(value)
      }
    } catch (error) {
      isFailed = true
      throw error
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: laneCount }, lane))
  await iterator.return?.()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** All that the database names, by digest, in pages; what is looked at changes between two of them. */
export function* listPages(database: DatabaseFile): Generator<readonly NamedBlob[], void> {
  let after: Digest | '' = ''
  for (;;) {
    const rows = database.list(after, pageSize)
    const last = rows.at(-1)
    if (!last) return
    yield rows
    after = last.digest
  }
}

/** All that the database names, by digest. */
export function* listRows(database: DatabaseFile): Generator<NamedBlob, void> {
  for (const page of listPages(database)) yield* page
}

/** The same in pages. */
export async function* batched<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[], void> {
  let page: T[] = []
  for await (const item of items) {
    page.push(item)
    if (page.length < pageSize) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

async function* asIterator<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
  yield* items
}
