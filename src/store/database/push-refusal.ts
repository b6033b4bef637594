import { setImmediate } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Lack, Need, Push, Refusal } from '../hosted-records.ts'
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
  const lacking = await findLacking(db, repositoryId, needs)
  if (lacking.length > 0) return { lacking }
  for (const fixedTag of fixedTags) {
    const digest = await findTag(db, repositoryId, fixedTag)
    if (digest !== undefined && digest !== image.digest) return { fixedTag, digest }
  }
  return undefined
}

/** Without an id there is nothing at all. */
export async function findLacking(
  db: Kysely<Schema>,
  repositoryId = -1,
  needs: readonly Need[],
): Promise<readonly Lack[]> {
  const lacking = new Map<Digest, Lack>()
  for (const batch of batches(needs, needsPerLookup)) {
    const digests = batch.map(({ digest }) => digest)
    const blobs = await findBlobs(db, repositoryId, digests)
    const images = await findImages(db, repositoryId, digests)
    for (const { digest, sizeBytes, as } of batch) {
      const image = as === 'blob' ? undefined : images.get(digest)
      const foundBytes = image ?? (as === 'manifest' ? undefined : blobs.get(digest))
      if (foundBytes !== sizeBytes) lacking.set(digest, { digest, foundBytes })
    }
    await setImmediate()
  }
  return [...lacking.values()]
}

type Sizes = ReadonlyMap<string, number>

async function findBlobs(
  db: Kysely<Schema>,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Sizes> {
  const rows = await db
    .selectFrom('repository_blobs')
    .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
    .select(['blobs.digest', 'blobs.size_bytes'])
    .where('repository_blobs.repository_id', '=', repositoryId)
    .where('repository_blobs.digest', 'in', digests)
    .execute()
  return new Map(rows.map((row) => [row.digest, row.size_bytes]))
}

async function findImages(
  db: Kysely<Schema>,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Sizes> {
  const rows = await db
    .selectFrom('images')
    .innerJoin('manifests', 'manifests.digest', 'images.digest')
    .select(['manifests.digest', 'manifests.size_bytes'])
    .where('images.repository_id', '=', repositoryId)
    .where('images.digest', 'in', digests)
    .execute()
  return new Map(rows.map((row) => [row.digest, row.size_bytes]))
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
