import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Schema } from './schema.ts'

/** `is_unowned` is null where a look at some manifests wasn't enough. */
type BlobRow = {
  readonly digest: Digest
  readonly size_bytes: number
  readonly is_unowned: number | null
}

export type LookedAt = {
  readonly digest: Digest
  readonly sizeBytes: number
  readonly isUnowned: boolean
}

/** How many of the manifests that name a blob are looked at; of some blobs, all there are do. */
const fewParents = 16
const parentsPerLook = 500

/** What images name is theirs, in whichever repository they are; that an upstream serves it keeps nothing. */
const isUnowned = sql<number | null>`
  case
    when exists (select 1 from repository_blobs
      where repository_blobs.digest = blobs.digest and linked_at is not null) then 0
    when exists (select 1 from images where images.digest = blobs.digest) then 0
    else (
      select case when max(is_kept) = 1 then 0 when count(*) < ${sql.lit(fewParents)} then 1 end from (
        select case when exists (
          select 1 from images where images.digest = manifest_children.manifest)
          then 1 else 0 end as is_kept
        from manifest_children where manifest_children.child = blobs.digest
        limit ${sql.lit(fewParents)}) parents)
  end`

/** Whether each of the blobs is nobody's. Requests are served meanwhile. */
export async function lookAtBlobs(
  db: Kysely<Schema>,
  which: RawBuilder<unknown>,
): Promise<readonly LookedAt[]> {
  const { rows } = await sql<BlobRow>`
    select digest, size_bytes, ${isUnowned} as is_unowned from blobs where ${which}`.execute(db)
  const looked: LookedAt[] = []
  for (const { digest, size_bytes: sizeBytes, is_unowned } of rows) {
    const isNobodys = is_unowned === null ? !(await isNamed(db, digest)) : is_unowned === 1
    looked.push({ digest, sizeBytes, isUnowned: isNobodys })
  }
  return looked
}

/** Goes through all manifests that name the digest until one is an image's. */
async function isNamed(db: Kysely<Schema>, digest: Digest): Promise<boolean> {
  let after = ''
  for (;;) {
    const { rows } = await sql<{ last: Digest | null; count: number; found: string | null }>`
      select max(page.manifest) as last, count(*) as count, max(case when exists (
        select 1 from images where images.digest = page.manifest) then page.manifest end) as found
      from (
        select manifest from manifest_children where child = ${digest} and manifest > ${after}
        order by manifest limit ${parentsPerLook}) page`.execute(db)
    const { last, count, found } = rows[0] ?? { last: null, count: 0, found: null }
    if (found !== null) return true
    if (last === null || count < parentsPerLook) return false
    after = last
    await setImmediate()
  }
}
