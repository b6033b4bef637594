import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import { unknownOrigin } from '../../oci/source.ts'
import type { FoundBlob } from '../integrity-records.ts'
import { insertManifest } from './image-rows.ts'
import type { Schema } from './schema.ts'

const blobsPerStatement = 150
/** Whoever else writes waits for as long as it takes to write so many; a large manifest has more by itself. */
const rowsPerTransaction = 1_000

/** Of a file that was found right it is certain. */
const trueSize = { size_bytes: sql<number>`excluded.size_bytes` }

/** See IntegrityRecords. */
export async function recordFound(db: Kysely<Schema>, found: readonly FoundBlob[]): Promise<void> {
  for (const batch of byRows(found)) {
    await db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('blobs')
        .values(batch.map(toRow))
        .onConflict((conflict) => conflict.column('digest').doUpdateSet(trueSize))
        .execute()
      for (const one of batch) await insertFoundManifest(transaction, one)
    })
    await setImmediate()
  }
}

/** In order, as many together as `rowsPerTransaction` lets. */
function* byRows(found: readonly FoundBlob[]): Generator<readonly FoundBlob[]> {
  let batch: FoundBlob[] = []
  let rows = 0
  for (const one of found) {
    const own = 1 + (one.manifest?.children.length ?? 0)
    if (batch.length === blobsPerStatement || (rows > 0 && rows + own > rowsPerTransaction)) {
      yield batch
      batch = []
      rows = 0
    }
    batch.push(one)
    rows += own
  }
  if (batch.length > 0) yield batch
}

function toRow({ digest, sizeBytes, ...times }: FoundBlob) {
  const writtenAt = Math.min(times.writtenAt, times.verifiedAt)
  return {
    digest,
    size_bytes: sizeBytes,
    upstream: unknownOrigin,
    first_fetched_at: writtenAt,
    // Whoever wants it again has time to say so before it goes.
    last_accessed_at: times.verifiedAt,
    verified_at: times.verifiedAt,
  }
}

async function insertFoundManifest(
  db: Transaction<Schema>,
  { digest, sizeBytes, writtenAt: firstFetchedAt, manifest }: FoundBlob,
): Promise<void> {
  if (!manifest) return
  const image = { ...manifest, digest, sizeBytes, firstFetchedAt }
  await insertManifest(db, image, manifest.annotations)
}
