import { type Kysely, sql } from 'kysely'
import type { Repository } from '../../oci/repository.ts'
import type { Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { RepositoriesPage } from '../metadata-store.ts'
import type { Schema } from './schema.ts'

/** What formatSource makes of the two, and as the index has it. */
export const listedName = sql<string>`case when upstream = '' then name else upstream || '/' || name end`

/** Repositories that have an image, or are hosted without one by now, a page at a time. */
export async function listRepositories(
  db: Kysely<Schema>,
  page: RepositoriesPage,
): Promise<readonly Source[]> {
  const rows = await repositoriesOf(db, page).execute()
  return rows.map(toSource)
}

function repositoriesOf(db: Kysely<Schema>, { upstream, after = '', limit }: RepositoriesPage) {
  const withImages = repositoriesWithImages(db).limit(limit)
  return upstream === undefined
    ? withImages.where(listedName, '>', after).orderBy(listedName)
    : withImages.where('upstream', '=', upstream).where('name', '>', after).orderBy('name')
}

/** Or that are hosted without an image by now. */
export function repositoriesWithImages(db: Kysely<Schema>) {
  return db
    .selectFrom('repositories')
    .select(['upstream', 'name'])
    .where(({ eb, exists, or, selectFrom }) => {
      const images = selectFrom('images').whereRef('repository_id', '=', 'repositories.id')
      return or([eb('hosted_since', 'is not', null), exists(images.select('digest'))])
    })
}

type Row = { readonly upstream: string; readonly name: string }

function toSource({ upstream, name }: Row): Source {
  return { upstream: upstream as UpstreamName, repository: name as Repository }
}
