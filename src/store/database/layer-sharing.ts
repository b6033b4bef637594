import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { ImageOfSource, SharingImage } from '../catalog-records.ts'
import type { Schema } from './schema.ts'

type Row = {
  readonly upstream: UpstreamName
  readonly name: Repository
  readonly digest: Digest
  readonly tag: Tag | null
}

/** A base image's layer may be in thousands of them. */
const mostManifests = 300

/** See CatalogRecords. */
export async function listSharing(
  db: Kysely<Schema>,
  digest: Digest,
  { source, digest: itself }: ImageOfSource,
  limit: number,
): Promise<readonly SharingImage[]> {
  const { rows } = await sql<Row>`
    select repositories.upstream, repositories.name, images.digest, coalesce(
      (select min(tag) from tags where tags.repository_id = images.repository_id
        and tags.digest = images.digest and gone_at is null),
      (select min(tag) from manifest_children as listing cross join tags
        where listing.child = images.digest and tags.repository_id = images.repository_id
          and tags.digest = listing.manifest and gone_at is null)) as tag
    from (select manifest from manifest_children where child = ${digest} limit ${mostManifests}) named
      cross join images cross join repositories
    where images.digest = named.manifest and repositories.id = images.repository_id
      and not (images.digest = ${itself} and repositories.upstream = ${source.upstream}
        and repositories.name = ${source.repository})
    order by images.last_pulled_at desc limit ${limit}`.execute(db)
  return rows.map(({ upstream, name, digest: image, tag }) => {
    return { source: { upstream, repository: name }, digest: image, tag: tag ?? undefined }
  })
}
