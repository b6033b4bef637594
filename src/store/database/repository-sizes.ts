import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { RepositorySizes } from '../overview-records.ts'
import type { Schema } from './schema.ts'

type Row = {
  readonly id: number
  readonly bytes: number
  /** Of these, what another repository has too. */
  readonly shared: number
}

/** Kept blobs that mirrored manifests name, and that came through another repository, or are manifests themselves. */
const named = sql`named (id, digest, bytes) as materialized (
  select distinct repositories.id, child, blobs.size_bytes
    from repositories cross join images cross join manifest_children cross join blobs
    where repositories.upstream <> '' and images.repository_id = repositories.id
      and manifest = images.digest and blobs.digest = child
      and not exists (select 1 from repository_blobs
        where repository_id = repositories.id and digest = child))`

/** Of more than one repository. */
const shared = sql`shared (digest) as materialized (
  select digest from repository_blobs group by digest having count(*) > 1
  union select digest from named
    where exists (select 1 from repository_blobs where digest = named.digest)
  union select digest from named group by digest having count(*) > 1)`

/** What was pushed says itself how large it is. */
const ofPushed = sql`
  select repository_id as id, sum(size_bytes) as bytes, 0 as shared from repository_blobs
    where size_bytes is not null group by repository_id`

const ofMirrored = sql`
  select repository_id, sum(blobs.size_bytes), 0
    from repository_blobs as link cross join blobs
    where link.size_bytes is null and blobs.digest = link.digest group by repository_id`

const ofNamed = sql`select id, sum(bytes), 0 from named group by id`

const sharedLinks = sql`
  select repository_id, 0, sum(coalesce(link.size_bytes, blobs.size_bytes))
    from shared cross join repository_blobs as link
      left join blobs on blobs.digest = link.digest
    where link.digest = shared.digest group by repository_id`

const sharedNamed = sql`
  select id, 0, sum(bytes) from named where digest in (select digest from shared) group by id`

/** Of all repositories; not where requests wait for it. */
export async function measureRepositories(db: Kysely<Schema>): Promise<RepositorySizes> {
  const parts: readonly RawBuilder<unknown>[] = [
    ofPushed,
    ofMirrored,
    ofNamed,
    sharedLinks,
    sharedNamed,
  ]
  const { rows } = await sql<Row>`with ${named}, ${shared}
    select id, sum(bytes) as bytes, coalesce(sum(shared), 0) as shared
    from (${sql.join(parts, sql` union all `)}) group by id`.execute(db)
  return {
    cells: Float64Array.from(rows.flatMap((row) => [row.id, row.bytes, row.bytes - row.shared])),
  }
}
