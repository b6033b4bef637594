import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Accesses } from '../metadata-store.ts'
import { batches } from './batches.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const accessesPerStatement = 150

/**
 * Each batch is one statement, and a transaction of its own: that takes a fraction of what a
 * statement a row takes. Requests are served between them.
 */
export async function recordAccesses(
  db: Kysely<Schema>,
  ids: RepositoryIds,
  { blobs, images }: Accesses,
): Promise<void> {
  for (const batch of batches([...blobs], accessesPerStatement)) {
    await touchBlobs(db, batch)
    await setImmediate()
  }
  for (const batch of batches(images, accessesPerStatement)) {
    await touchImages(db, ids, batch)
    await setImmediate()
  }
}

// SQLite and PostgreSQL both call the columns of VALUES column1, column2 and so on.

async function touchBlobs(
  db: Kysely<Schema>,
  accesses: readonly (readonly [digest: string, at: number])[],
): Promise<void> {
  const rows = accesses.map(([digest, at]) => sql`(${digest}, ${at})`)
  await sql`update blobs set last_accessed_at = cast(seen.column2 as bigint)
    from (values ${sql.join(rows)}) as seen
    where blobs.digest = seen.column1 and blobs.last_accessed_at < cast(seen.column2 as bigint)
  `.execute(db)
}

async function touchImages(
  db: Kysely<Schema>,
  ids: RepositoryIds,
  accesses: Accesses['images'],
): Promise<void> {
  const rows = []
  for (const { digest, at, ...source } of accesses) {
    const id = await ids.find(db, source)
    if (id !== undefined) rows.push(sql`(${id}, ${digest}, ${at})`)
  }
  if (rows.length === 0) return
  await sql`update images set last_pulled_at = cast(seen.column3 as bigint)
    from (values ${sql.join(rows)}) as seen
    where images.repository_id = cast(seen.column1 as bigint) and images.digest = seen.column2
      and images.last_pulled_at < cast(seen.column3 as bigint)
  `.execute(db)
}
