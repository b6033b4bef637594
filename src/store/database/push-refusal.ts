import { setImmediate } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Need, Push, Refusal } from '../hosted-records.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

/** A few milliseconds; between two lookups requests are served. */
const needsPerLookup = 500

/** Why the repository can't take the image as things are; undefined if it can. */
export async function findRefusal(
  db: Transaction<Schema>,
  repositoryId: number,
  { image, needs, fixedTags }: Push,
): Promise<Refusal | undefined> {
  const missing = await findMissing(db, repositoryId, needs)
  if (missing.length > 0) return { missing }
  for (const fixedTag of fixedTags) {
    const digest = await findTag(db, repositoryId, fixedTag)
    if (digest !== undefined && digest !== image.digest) return { fixedTag, digest }
  }
  return undefined
}

/** Without an id there is nothing at all. */
export async function findMissing(
  db: Kysely<Schema>,
  repositoryId: number | undefined,
  needs: readonly Need[],
): Promise<readonly Digest[]> {
  const missing = new Set<Digest>()
  for (const batch of batches(needs, needsPerLookup)) {
    const digests = batch.map(({ digest }) => digest)
    const blobs = await findIn(db, 'repository_blobs', { repositoryId, digests })
    const images = await findIn(db, 'images', { repositoryId, digests })
    for (const { digest, as } of batch) {
      const isThere =
        (as !== 'manifest' && blobs.has(digest)) || (as !== 'blob' && images.has(digest))
      if (!isThere) missing.add(digest)
    }
    await setImmediate()
  }
  return [...missing]
}

async function findIn(
  db: Kysely<Schema>,
  table: 'repository_blobs' | 'images',
  { repositoryId = -1, digests }: { repositoryId: number | undefined; digests: readonly Digest[] },
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom(table)
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', digests)
    .execute()
  return new Set(rows.map(({ digest }) => digest))
}

export async function findTag(
  db: Kysely<Schema>,
  repositoryId: number,
  tag: Tag,
): Promise<Digest | undefined> {
  const row = await db
    .selectFrom('tags')
    .select('digest')
    .where('repository_id', '=', repositoryId)
    .where('tag', '=', tag)
    .executeTakeFirst()
  return row?.digest as Digest | undefined
}
