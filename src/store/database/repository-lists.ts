import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Repository } from '../../oci/repository.ts'
import { formatSource, type Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { RepositoryRecord } from '../catalog-records.ts'
import type { RepositoriesPage } from '../metadata-store.ts'
import { repositoryBytes } from './image-sizes.ts'
import type { Schema } from './schema.ts'

/** What formatSource makes of the two, and as the index has it. */
const listedName = sql<string>`case when upstream = '' then name else upstream || '/' || name end`

// What was pushed is never gone, so that its tags are counted without a look at each.
const tagCount = sql<number>`case when upstream = ''
  then (select count(*) from tags where repository_id = repositories.id)
  else (select count(*) from tags where repository_id = repositories.id and gone_at is null) end`

/** A push isn't a pull; what was fetched was fetched for somebody. */
const lastPulledAt = sql<number | null>`(
  select max(case when upstream <> '' or last_pulled_at > first_fetched_at then last_pulled_at end)
  from images where repository_id = repositories.id)`

/** Some milliseconds; between two statements requests are served. */
const describedPerStatement = 25

/** Repositories that have an image, or are hosted without one by now, a page at a time. */
export async function listRepositories(
  db: Kysely<Schema>,
  page: RepositoriesPage,
): Promise<readonly Source[]> {
  const rows = await repositoriesOf(db, page).execute()
  return rows.map(toSource)
}

export async function describeRepositories(
  db: Kysely<Schema>,
  { limit, ...page }: RepositoriesPage,
): Promise<readonly RepositoryRecord[]> {
  const described: RepositoryRecord[] = []
  let { after } = page
  for (let left = limit; left > 0; left = limit - described.length) {
    const wanted = Math.min(left, describedPerStatement)
    const rows = await repositoriesOf(db, { ...page, after, limit: wanted })
      .select([tagCount.as('tags'), lastPulledAt.as('pulled'), repositoryBytes.as('size')])
      .execute()
    described.push(...rows.map(toRecord))
    const last = rows.at(-1)
    if (!last || rows.length < wanted) break
    after = page.upstream === undefined ? formatSource(toSource(last)) : last.name
    await setImmediate()
  }
  return described
}

function repositoriesOf(db: Kysely<Schema>, { upstream, after = '', limit }: RepositoriesPage) {
  const withImages = db
    .selectFrom('repositories')
    .select(['upstream', 'name'])
    .where(({ eb, exists, or, selectFrom }) => {
      const images = selectFrom('images').whereRef('repository_id', '=', 'repositories.id')
      return or([eb('hosted_since', 'is not', null), exists(images.select('digest'))])
    })
    .limit(limit)
  return upstream === undefined
    ? withImages.where(listedName, '>', after).orderBy(listedName)
    : withImages.where('upstream', '=', upstream).where('name', '>', after).orderBy('name')
}

type Row = { readonly upstream: string; readonly name: string }

function toSource({ upstream, name }: Row): Source {
  return { upstream: upstream as UpstreamName, repository: name as Repository }
}

type DescribedRow = Row & {
  readonly tags: number
  readonly pulled: number | null
  readonly size: number | null
}

function toRecord({ tags, pulled, size, ...row }: DescribedRow): RepositoryRecord {
  return {
    source: toSource(row),
    tagCount: Number(tags),
    sizeBytes: Number(size ?? 0),
    lastPulledAt: pulled ?? undefined,
  }
}
