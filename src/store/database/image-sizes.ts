import { type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'

// More of a list isn't looked at: one statement holds up the thread that serves for some 50 ms then.
const mostBlobs = 20_000
const mostChildren = 2_000
const mostPlatforms = 100

/** Of the blobs that the hosted repository has, each once. */
const pushedBytes = sql<
  number | null
>`(select sum(size_bytes) from (select size_bytes from repository_blobs
    where repository_id = repositories.id and size_bytes is not null limit ${mostBlobs}))`

/** Of the blobs that are kept and that came through this repository, or that its manifests name. */
const mirroredBytes = sql<number | null>`(select sum(size_bytes) from blobs where digest in (
    select digest from (
      select digest from repository_blobs where repository_id = repositories.id limit ${mostBlobs})
    union select child from (select child from images join manifest_children on manifest = digest
      where repository_id = repositories.id limit ${mostBlobs})))`

/** Of a row of repositories. */
export const repositoryBytes = sql<number | null>`
  case when upstream = '' then ${pushedBytes} else ${mirroredBytes} end`

/** An index's own, and all of those of its manifests that are kept. */
export function indexBytes(digest: Digest): RawBuilder<number | null> {
  return sql`(select size_bytes + coalesce((
      select sum(kept.size_bytes + ${childrenBytes(sql`kept.digest`)})
      from (select child from manifest_children where manifest = ${digest} limit ${mostPlatforms})
      join manifests as kept on kept.digest = child), 0)
    from manifests where digest = ${digest})`
}

/** Of all that a manifest names. Added as floating point numbers: what a manifest claims may be more than an integer holds. */
export function childrenBytes(manifest: RawBuilder<unknown>): RawBuilder<number> {
  return sql`coalesce((select sum(cast(size_bytes as double precision))
    from (select size_bytes from manifest_children where manifest = ${manifest} limit ${mostChildren})), 0)`
}
