import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { Schema } from './schema.ts'

/** Of the manifests that name a blob so many are looked at: a base image's layer is in thousands. */
const mostParents = 500

/**
 * What the manifest names and stays, though no image of this upstream needs it any more, counts from now
 * on for another one of which an image does.
 */
export async function countForOthers(
  db: Kysely<Schema>,
  manifest: Digest,
  upstream: UpstreamName,
): Promise<void> {
  const needing = sql`
    (select manifest from manifest_children where child = blobs.digest limit ${mostParents}) parents
      cross join images cross join repositories
    where images.digest = parents.manifest and repositories.id = images.repository_id
      and repositories.upstream <> ''`
  await sql`
    update blobs set counts_for = (select repositories.upstream from ${needing} limit 1)
    where digest in (select child from manifest_children where manifest = ${manifest})
      and coalesce(counts_for, upstream) = ${upstream}
      and not exists (select 1 from ${needing} and repositories.upstream = ${upstream})
      and exists (select 1 from ${needing})`.execute(db)
}
