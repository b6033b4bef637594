import { type Kysely, sql } from 'kysely'
import type { Repository } from '../../oci/repository.ts'
import type { Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { RepositoriesPage } from '../metadata-store.ts'
import type { Schema } from './schema.ts'

/** What formatSource makes of the two, and as the index has it. */
const listedName = sql<string>`case when upstream = '' then name else upstream || '/' || name end`

/** Repositories that have an image, a page at a time. */
export async function listRepositories(
  db: Kysely<Schema>,
  { upstream, after = '', limit }: RepositoriesPage,
): Promise<readonly Source[]> {
  const withImages = db
    .selectFrom('repositories')
    .select(['upstream', 'name'])
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('images').select('digest').whereRef('repository_id', '=', 'repositories.id'),
      ),
    )
    .limit(limit)
  const page =
    upstream === undefined
      ? withImages.where(listedName, '>', after).orderBy(listedName)
      : withImages.where('upstream', '=', upstream).where('name', '>', after).orderBy('name')
  const rows = await page.execute()
  return rows.map((row) => ({
    upstream: row.upstream as UpstreamName,
    repository: row.name as Repository,
  }))
}
