import { setImmediate } from 'node:timers/promises'

/**
 * Removes page by page until one isn't full, and gives how many: the driver is synchronous, in the thread that
 * also serves, and so requests are served between two pages.
 */
export async function removeInPages(
  pageSize: number,
  removePage: (limit: number) => Promise<number>,
): Promise<number> {
  for (let removed = 0; ; ) {
    const page = await removePage(pageSize)
    removed += page
    if (page < pageSize) return removed
    await setImmediate()
  }
}
