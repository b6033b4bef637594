import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { pushedHere, unknownOrigin } from '../../oci/source.ts'
import type { OrphanList, OrphanPage, SizedBlob } from '../space-records.ts'
import { unneededForMs } from '../unowned-records.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'
import { lookAtBlobs } from './unowned-blobs.ts'
import { forget } from './unowned-content.ts'

/** A few milliseconds; between two of them requests are served. */
const blobsPerLook = 20

/** See SpaceRecords. */
export async function findUnneeded(
  db: Kysely<Schema>,
  digests: readonly Digest[],
  manifest?: Digest,
): Promise<readonly Digest[]> {
  const found: Digest[] = []
  for (const batch of batches(digests, blobsPerLook)) {
    found.push(...(await lookAt(db, batch, manifest)))
    await setImmediate()
  }
  return found
}

/** See SpaceRecords. */
export async function forgetUnneeded(
  db: Kysely<Schema>,
  digests: readonly Digest[],
  manifest?: Digest,
): Promise<readonly SizedBlob[]> {
  const forgotten: SizedBlob[] = []
  for (const batch of batches(digests, blobsPerLook)) {
    const forgetBatch = async (transaction: Transaction<Schema>) => {
      const gone = await lookAt(transaction, batch, manifest)
      return gone.length === 0 ? [] : forget(transaction, gone)
    }
    forgotten.push(...(await db.transaction().execute(forgetBatch)))
    await setImmediate()
  }
  return forgotten
}

/** See SpaceRecords. */
export async function listOrphans(
  db: Kysely<Schema>,
  { after = '' as Digest, before, limit }: OrphanPage,
): Promise<OrphanList> {
  const page = sql`select digest from blobs where digest > ${after} order by digest limit ${limit}`
  const looked = await lookAtBlobs(
    db,
    sql`upstream <> ${sql.lit(pushedHere)} and last_accessed_at < ${before} - case
      when upstream = ${sql.lit(unknownOrigin)} then ${sql.lit(unneededForMs)} else 0 end
    and digest in (${page})`,
  )
  const { rows } = await sql<{ last: Digest | null; count: number }>`
    select max(digest) as last, count(*) as count from (${page}) page`.execute(db)
  const { last, count } = rows[0] ?? { last: null, count: 0 }
  const orphans = looked.filter(({ isUnowned }) => isUnowned)
  return {
    orphans: orphans.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })),
    next: count === limit && last !== null ? last : undefined,
  }
}

async function lookAt(
  db: Kysely<Schema>,
  digests: readonly Digest[],
  manifest: Digest | undefined,
): Promise<readonly Digest[]> {
  const looked = await lookAtBlobs(db, sql`digest in (${sql.join(digests)})`)
  const unowned = looked.filter(({ isUnowned }) => isUnowned).map(({ digest }) => digest)
  const isListed =
    manifest !== undefined && digests.includes(manifest) && !unowned.includes(manifest)
  return isListed && !(await isImage(db, manifest)) ? [...unowned, manifest] : unowned
}

/** Of some repository, or pushed. */
async function isImage(db: Kysely<Schema>, digest: Digest): Promise<boolean> {
  const { rows } = await sql`
    select 1 from images where digest = ${digest}
    union all
    select 1 from repository_blobs where digest = ${digest} and linked_at is not null
    limit 1`.execute(db)
  return rows.length > 0
}
