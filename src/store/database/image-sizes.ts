import { type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { pushedHere, type Source } from '../../oci/source.ts'

// More of a list isn't looked at: one statement holds up the thread that serves for some 50 ms then.
const mostBlobs = 20_000
const mostChildren = 2_000
const mostPlatforms = 100

/** What is kept of the repository, each once. */
export function keptBytes(id: number, { upstream }: Source): RawBuilder<number | null> {
  // What a pushed manifest names is linked; a mirror may have a layer through another repository.
  const named = sql`union select child from (select child from images
    join manifest_children on manifest = digest where repository_id = ${id} limit ${mostBlobs})`
  return sql`(select sum(size_bytes) from blobs where digest in (
    select digest from (select digest from repository_blobs where repository_id = ${id} limit ${mostBlobs})
    union select digest from (select digest from images where repository_id = ${id} limit ${mostBlobs})
    ${upstream === pushedHere ? sql`` : named}))`
}

/** An index's own, and all of those of its manifests that are kept. */
export function indexBytes(digest: Digest): RawBuilder<number | null> {
  return sql`(select size_bytes + coalesce((
      select sum(kept.size_bytes + ${childrenBytes(sql`kept.digest`)})
      from (select child from manifest_children where manifest = ${digest} limit ${mostPlatforms})
      join manifests as kept on kept.digest = child), 0)
    from manifests where digest = ${digest})`
}

/** Added as floating point numbers: what a manifest claims may be more than an integer holds. */
function childrenBytes(manifest: RawBuilder<unknown>): RawBuilder<number> {
  return sql`coalesce((select sum(cast(size_bytes as double precision))
    from (select size_bytes from manifest_children where manifest = ${manifest} limit ${mostChildren})), 0)`
}
