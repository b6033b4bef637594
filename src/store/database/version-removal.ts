import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Version } from '../hosted-records.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

/** `id`: of the repository. */
type Writing = { readonly transaction: Transaction<Schema>; readonly id: number }

/** `upTo`: pushed later, it stays. */
type Part = { readonly digest: Digest; readonly upTo?: number | undefined }

const pushedAt = sql<number>`coalesce(pushed_at, first_fetched_at)`
/** A few milliseconds; between two batches requests are served. */
const tagsPerBatch = 100

/** Those that still point to the image, and, if it was listed, weren't pushed again since. */
export async function removeTags({ transaction, id }: Writing, { digest, tags, listed }: Version) {
  const pushedAt = new Map(listed?.tags.map((tag) => [tag.tag, tag.pushedAt]))
  const removed: Tag[] = []
  for (const batch of batches(tags, tagsPerBatch)) {
    for (const tag of batch) {
      const removal = transaction
        .deleteFrom('tags')
        .where('repository_id', '=', id)
        .where('digest', '=', digest)
        .where('tag', '=', tag)
        .$if(listed !== undefined, (its) => its.where('checked_at', '=', pushedAt.get(tag) ?? -1))
      const { numDeletedRows } = await removal.executeTakeFirstOrThrow()
      if (numDeletedRows > 0n) removed.push(tag)
    }
    await setImmediate()
  }
  return removed
}

/** Whether the image is there, and, if it was listed, wasn't pushed again since. */
export async function isAsListed({ transaction, id }: Writing, { digest, listed }: Version) {
  const row = await transaction
    .selectFrom('images')
    .select(['pushed_at', 'first_fetched_at'])
    .where('repository_id', '=', id)
    .where('digest', '=', digest)
    .executeTakeFirst()
  const pushedAt = row && (row.pushed_at ?? row.first_fetched_at)
  return row !== undefined && (listed === undefined || pushedAt === listed.pushedAt)
}

/**
 * The image, unless something holds it; then what it held. Of a version that was listed, a part that was
 * pushed after what held it stays: a push under way may be about to hold it.
 */
export async function removeUnheld(
  writing: Writing,
  { digest: first, listed }: Version,
): Promise<readonly Digest[]> {
  const removed: Digest[] = []
  const waiting: Part[] = [{ digest: first }]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    await setImmediate()
    if (await isHeld(writing, part.digest)) continue
    const parts = await findParts(writing, part.digest)
    const row = await removeImage(writing, part)
    if (!row) continue
    removed.push(part.digest)
    for (const { digest, isListed } of parts) {
      const upTo = listed && (isListed ? row.pushedAt : listed.listedAt - 1)
      waiting.push({ digest, upTo })
    }
  }
  return removed
}

/** Undefined if it isn't there, or was pushed after `upTo`. */
function removeImage({ transaction, id }: Writing, { digest, upTo }: Part) {
  return transaction
    .deleteFrom('images')
    .where('repository_id', '=', id)
    .where('digest', '=', digest)
    .$if(upTo !== undefined, (its) => its.where(pushedAt, '<=', upTo ?? 0))
    .returning(pushedAt.as('pushedAt'))
    .executeTakeFirst()
}

async function isHeld({ transaction, id }: Writing, digest: Digest): Promise<boolean> {
  const { rows } = await sql`
    select 1 from tags where repository_id = ${id} and digest = ${digest}
    union all
    select 1 from manifest_children cross join images
      where manifest_children.child = ${digest}
        and images.repository_id = ${id} and images.digest = manifest_children.manifest
    limit 1`.execute(transaction)
  return rows.length > 0
}

/** Images of the repository that it lists, or that refer to it. */
async function findParts({ transaction, id }: Writing, digest: Digest) {
  const { rows } = await sql<{ digest: Digest; isListed: number }>`
    select images.digest, 1 as "isListed" from manifest_children cross join images
      where manifest_children.manifest = ${digest}
        and images.repository_id = ${id} and images.digest = manifest_children.child
    union all
    select images.digest, 0 from manifests cross join images
      where manifests.subject = ${digest}
        and images.repository_id = ${id} and images.digest = manifests.digest`.execute(transaction)
  return rows
}
