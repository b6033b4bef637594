import { setImmediate } from 'node:timers/promises'
import type { Page, Part } from '../oci/page.ts'

type VisibleList<T> = {
  readonly read: (page: Page) => Promise<Part<T>>
  readonly isVisible: (entry: T) => boolean
  /** After which the list goes on. */
  readonly keyOf: (entry: T) => string
  /** On one page. */
  readonly most: number
}

/**
 * A page of what whoever asks may see. Its last entry, after which clients are told to go on, is one of
 * them too: the name of no other is told.
 */
export async function readVisible<T>(
  { after: first, limit: wanted }: Page,
  { read, isVisible, keyOf, most }: VisibleList<T>,
): Promise<Part<T>> {
  const limit = Math.min(wanted, most)
  const entries: T[] = []
  for (let after = first; ; ) {
    const part = await read({ after, limit })
    const visible = part.entries.filter(isVisible)
    const room = limit - entries.length
    entries.push(...visible.slice(0, room))
    const last = part.entries.at(-1)
    const isFull = visible.length > room || (visible.length === room && part.hasMore)
    if (isFull || !part.hasMore || last === undefined) return { entries, hasMore: isFull }
    after = keyOf(last)
    // Whoever may see little goes through much: others are served meanwhile.
    await setImmediate()
  }
}
