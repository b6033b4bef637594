import { type Kysely, sql } from 'kysely'
import type { Repository } from '../../oci/repository.ts'
import { formatSource, pushedHere } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import {
  type RepositorySummary,
  type SummaryColumn,
  type SummaryOptions,
  summaryColumns,
} from '../overview-records.ts'
import { listedName, repositoriesWithImages } from './repository-lists.ts'
import { countPulls } from './repository-pulls.ts'
import type { Schema } from './schema.ts'

type Listed = { readonly id: number; readonly upstream: string; readonly name: string }

/** Not where requests wait for it. */
export async function summarizeRepositories(
  db: Kysely<Schema>,
  { pullsSince, most }: SummaryOptions,
): Promise<RepositorySummary> {
  const found = await repositoriesWithImages(db)
    .select('id')
    .orderBy(listedName)
    .limit(most + 1)
    .execute()
  const table = new SummaryTable(found.slice(0, most))
  await fillImages(db, table)
  const pulls = await countPulls(db, pullsSince)
  for (const { id, upstream, name } of table.listed)
    table.set('pulls', id, pulls.get(`${upstream}/${name}`) ?? 0)
  return { ...table.end(), isCut: found.length > most }
}

type Tagged = { readonly id: number; readonly tags: number }
type Pictured = {
  readonly id: number
  readonly newest: number
  readonly touched: number
  /** Of those that were used after they had come. */
  readonly pulled: number | null
}

async function fillImages(db: Kysely<Schema>, table: SummaryTable): Promise<void> {
  const tagged = await sql<Tagged>`select repository_id as id, count(*) as tags from tags
    where gone_at is null group by repository_id`.execute(db)
  for (const { id, tags } of tagged.rows) table.set('tags', id, tags)
  const { rows } = await sql<Pictured>`select repository_id as id,
      max(first_fetched_at) as newest, max(last_pulled_at) as touched,
      max(case when last_pulled_at > first_fetched_at then last_pulled_at end) as pulled
    from images group by repository_id`.execute(db)
  for (const { id, newest, touched, pulled } of rows) {
    table.set('newestAt', id, newest)
    // A push isn't a pull; what was fetched was fetched for somebody.
    const isPushed = table.upstreamOf(id) === pushedHere
    table.set('lastPulledAt', id, (isPushed ? pulled : touched) ?? 0)
  }
}

/** Numbers by repository, as they are gathered. */
class SummaryTable {
  readonly listed: readonly Listed[]
  readonly #places: ReadonlyMap<number, number>
  readonly #columns: Readonly<Record<SummaryColumn, Float64Array>>

  constructor(listed: readonly Listed[]) {
    this.listed = listed
    this.#places = new Map(listed.map(({ id }, place) => [id, place]))
    const columns = summaryColumns.map((name) => [name, new Float64Array(listed.length)])
    this.#columns = Object.fromEntries(columns)
    for (const { id } of listed) this.set('id', id, id)
  }

  /** Of one that isn't listed nothing is kept. */
  set(column: SummaryColumn, id: number, value: number): void {
    const place = this.#places.get(id)
    if (place !== undefined) this.#columns[column][place] = value
  }

  upstreamOf(id: number): string | undefined {
    return this.listed[this.#places.get(id) ?? -1]?.upstream
  }

  end(): Omit<RepositorySummary, 'isCut'> {
    const upstreams = [...new Set(this.listed.map(({ upstream }) => upstream))]
    const placeOf = new Map(upstreams.map((upstream, place) => [upstream, place]))
    const cells = new Float64Array(summaryColumns.length * this.listed.length)
    for (const [at, name] of summaryColumns.entries())
      cells.set(this.#columns[name], at * this.listed.length)
    return {
      names: this.listed.map(nameOf).join('\n'),
      upstreams,
      upstreamOf: Uint32Array.from(this.listed, ({ upstream }) => placeOf.get(upstream) ?? 0),
      cells,
    }
  }
}

function nameOf({ upstream, name }: Listed): string {
  return formatSource({ upstream: upstream as UpstreamName, repository: name as Repository })
}
