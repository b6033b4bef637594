import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { manifestTypes } from '../../oci/media-type.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

// More of a list isn't looked at: one statement holds up the thread that serves for some 50 ms then.
const mostChildren = 2_000
const mostPlatforms = 100

const measuredPerStatement = 500

/** Of manifests and indices that are kept: of an index what is kept of it, of any other all that it names. */
export async function measureImages(
  db: Kysely<Schema>,
  digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, number>> {
  const sizes = new Map<Digest, number>()
  const own = sql`measured.digest`
  for (const some of batches([...new Set(digests)], measuredPerStatement)) {
    const { rows } = await sql<{ digest: Digest; size: number }>`
      select digest, case when exists (select 1 from manifest_children
            where manifest = measured.digest and media_type in (${sql.join([...manifestTypes])}))
          then ${indexBytes(own)} else size_bytes + ${childrenBytes(own)} end as size
        from manifests as measured where digest in (${sql.join(some)})`.execute(db)
    for (const { digest, size } of rows) sizes.set(digest, Number(size))
  }
  return sizes
}

/** An index's own, and all of those of its manifests that are kept. */
export function indexBytes(digest: RawBuilder<unknown>): RawBuilder<number | null> {
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
