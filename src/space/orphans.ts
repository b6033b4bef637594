import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { OrphanList, SpaceRecords } from '../store/space-records.ts'

/** What nobody names may be about to be named: a client asks for a layer before its manifest. */
const orphanForMs = 10 * 60_000
/** Some milliseconds each; between two of them requests are served. */
const orphansPerPage = 100

type Wanted = {
  readonly after?: Digest | undefined
  readonly now: number
  readonly signal: AbortSignal
}

/** Mirrored blobs that no image names, from `after` to the end, or as far as somebody asks. */
export async function* findOrphans(
  records: Pick<SpaceRecords, 'listOrphans'>,
  { after, now, signal }: Wanted,
): AsyncGenerator<OrphanList> {
  const asked = { before: now - orphanForMs, limit: orphansPerPage }
  let next = after
  do {
    const list = await records.listOrphans({ after: next, ...asked })
    yield list
    next = list.next
    await setImmediate()
  } while (next !== undefined && !signal.aborted)
}
