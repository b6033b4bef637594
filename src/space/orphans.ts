import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { OrphanList, SpaceRecords } from '../store/space-records.ts'

/** What nobody names may be about to be named: a client asks for a layer before its manifest. */
export const orphanForMs = 10 * 60_000
/** Some milliseconds each; between two of them requests are served. */
const orphansPerPage = 100
/** All blobs of a store that has no more are looked at. */
const fewBlobs = 10_000
/** Of a larger one so many pages, and on as long as they bring any: room is wanted now, and the next run goes on there. */
const pagesInVain = 10

type Wanted = {
  readonly after?: Digest | undefined
  readonly now: number
  readonly signal: AbortSignal
}

/** Mirrored blobs that no image names, from `after` on, as far as it pays. */
export async function* findOrphans(
  records: Pick<SpaceRecords, 'listOrphans' | 'measureUsage'>,
  { after, now, signal }: Wanted,
): AsyncGenerator<OrphanList> {
  const usage = await records.measureUsage()
  const isLarge = usage.reduce((sum, { blobs }) => sum + blobs, 0) > fewBlobs
  const asked = { before: now - orphanForMs, limit: orphansPerPage }
  let next = after
  let inVain = 0
  do {
    const list = await records.listOrphans({ after: next, ...asked })
    inVain = list.orphans.length === 0 ? inVain + 1 : 0
    yield list
    next = list.next
    await setImmediate()
  } while (next !== undefined && !signal.aborted && !(isLarge && inVain === pagesInVain))
}
