import { type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Repository } from '../../oci/repository.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { ColdImage, ImagePlace } from '../space-records.ts'

type Row = ImagePlace & {
  readonly upstream: UpstreamName
  readonly repository: Repository
  readonly firstFetchedAt: number
  /** 1 or 0. */
  readonly hasParts: number
}

/** Mirrored images, from images joined with repositories; `which` goes on to the end of the statement. */
export function coldImages(which: RawBuilder<unknown>): RawBuilder<Row> {
  return sql<Row>`
    select images.repository_id as "repositoryId", images.digest, repositories.upstream,
      repositories.name as repository, images.first_fetched_at as "firstFetchedAt",
      images.last_pulled_at as "lastPulledAt",
      case when exists (
        select 1 from manifest_children cross join images as parts
        where manifest_children.manifest = images.digest
          and parts.repository_id = images.repository_id
          and parts.digest = manifest_children.child) then 1 else 0 end as "hasParts"
    from images cross join repositories
    where repositories.id = images.repository_id and images.pushed_at is null and ${which}`
}

export function toColdImage({ upstream, repository, hasParts, ...row }: Row): ColdImage {
  return {
    ...row,
    digest: row.digest as Digest,
    source: { upstream, repository },
    hasParts: hasParts === 1,
  }
}
