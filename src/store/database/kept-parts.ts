import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { pushedHere, unknownOrigin } from '../../oci/source.ts'
import type { MeasuredParts, PinnedImages } from '../parts-records.ts'
import type { ImageKey } from '../space-records.ts'
import { unneededForMs } from '../unowned-records.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

/** Some tens of milliseconds: what else is asked of this thread is answered between two of them. */
const blobsPerLook = 5_000
const imagesPerLook = 500

type Row = { readonly [part in keyof MeasuredParts]: number | null } & {
  readonly last: Digest | null
  readonly count: number
}

/**
 * Goes through all blobs. What a hosted repository has counts as hosted, whoever else needs it; what a pinned image
 * needs as pinned. See PartsRecords.
 */
export async function measureParts(
  db: Kysely<Schema>,
  pinned: PinnedImages,
): Promise<MeasuredParts> {
  // A store's pins may hold all that is in it: they are counted where they needn't fit into memory.
  await sql`drop table if exists pinned_now`.execute(db)
  await sql`create temporary table pinned_now (digest text primary key)`.execute(db)
  try {
    await notePinned(db, pinned)
    return await sumParts(db, pinned.before)
  } finally {
    await sql`drop table pinned_now`.execute(db)
  }
}

async function notePinned(db: Kysely<Schema>, { whole, images }: PinnedImages): Promise<void> {
  for (const id of whole)
    await note(db, sql`select digest from images where repository_id = ${id} and pushed_at is null`)
  for (const [id, digests] of byRepository(images)) {
    for (const batch of batches(digests, imagesPerLook)) await note(db, held(id, batch))
  }
}

/** What the images are, and what they name. */
async function note(db: Kysely<Schema>, images: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into pinned_now
      with pinned (digest) as (${images})
      select digest from pinned where true
      union select child from pinned cross join manifest_children
        where manifest_children.manifest = pinned.digest
    on conflict do nothing`.execute(db)
}

/** With the images of the repository that they list: those are pinned by their names too. */
function held(id: number, digests: readonly Digest[]): RawBuilder<unknown> {
  return sql`
    with recursive held (digest) as (
      select digest from images where repository_id = ${id} and digest in (${sql.join(digests)})
      union
      select images.digest from held cross join manifest_children cross join images
        where manifest_children.manifest = held.digest and images.repository_id = ${id}
          and images.digest = manifest_children.child)
    select digest from held`
}

function byRepository(images: readonly ImageKey[]): ReadonlyMap<number, readonly Digest[]> {
  const found = new Map<number, Digest[]>()
  for (const { repositoryId, digest } of images) {
    const known = found.get(repositoryId) ?? []
    known.push(digest)
    found.set(repositoryId, known)
  }
  return found
}

async function sumParts(db: Kysely<Schema>, before: number): Promise<MeasuredParts> {
  const sums = { hosted: 0, pinned: 0, mirrored: 0, reclaimable: 0 }
  let after = ''
  for (;;) {
    const { rows } = await sql<Row>`
      select max(digest) as last, count(*) as count,
        sum(case part when 'hosted' then size_bytes end) as hosted,
        sum(case part when 'pinned' then size_bytes end) as pinned,
        sum(case part when 'mirrored' then size_bytes end) as mirrored,
        sum(case part when 'reclaimable' then size_bytes end) as reclaimable
      from (select digest, size_bytes, ${partOf(before)} as part from blobs
        where digest > ${after} order by digest limit ${blobsPerLook}) page`.execute(db)
    const [row] = rows
    if (!row) return sums
    for (const part of ['hosted', 'pinned', 'mirrored', 'reclaimable'] as const)
      sums[part] += row[part] ?? 0
    if (row.last === null || row.count < blobsPerLook) return sums
    after = row.last
  }
}

/** Of a row of blobs. */
function partOf(before: number): RawBuilder<string> {
  return sql`case
    when exists (select 1 from repository_blobs
      where repository_blobs.digest = blobs.digest and linked_at is not null) then 'hosted'
    when exists (select 1 from images
      where images.digest = blobs.digest and pushed_at is not null) then 'hosted'
    when exists (select 1 from pinned_now where pinned_now.digest = blobs.digest) then 'pinned'
    when exists (select 1 from images where images.digest = blobs.digest) then 'mirrored'
    when exists (select 1 from manifest_children cross join images
      where manifest_children.child = blobs.digest
        and images.digest = manifest_children.manifest) then 'mirrored'
    when upstream <> ${sql.lit(pushedHere)} and last_accessed_at >= ${before} - case
      when upstream = ${sql.lit(unknownOrigin)} then ${sql.lit(unneededForMs)} else 0 end
      then 'mirrored'
    else 'reclaimable' end`
}
