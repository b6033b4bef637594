import { type Kysely, sql } from 'kysely'
import { compareTags } from '../../oci/compare-tags.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import { pushedHere } from '../../oci/source.ts'
import type { TagFigures, TagList, TagOrder, TagQuery } from '../overview-records.ts'
import { shareImages } from './image-shares.ts'
import { measureImages } from './image-sizes.ts'
import type { Schema } from './schema.ts'
import { countTagPulls, countTagPullsByDay } from './tag-pulls.ts'

export type RepositoryKey = {
  readonly id: number
  readonly upstream: string
  readonly repository: string
}

type TagRow = {
  readonly tag: Tag
  readonly digest: Digest
  readonly checked_at: number
  /** Null where the manifest came through another repository, and with it the next two. */
  readonly media_type: string | null
  readonly first_fetched_at: number | null
  readonly last_pulled_at: number | null
  readonly size_bytes: number
}

/** Of one repository; of those that have more, the first ones by name. */
const mostTags = 20_000

/** Not where requests wait for it. */
export async function listTagsInOrder(
  db: Kysely<Schema>,
  of: RepositoryKey,
  query: TagQuery,
): Promise<TagList> {
  const found = await findTags(db, of.id, query.after)
  const { search } = query
  const matching = found.filter((row) => row.tag.includes(search) || row.digest.startsWith(search))
  const sorted = await putInOrder(db, { of, query, rows: matching })
  const end = query.offset + query.limit
  const tags = await describe(db, { of, query, rows: sorted.slice(query.offset, end) })
  return { tags, total: matching.length, hasMore: tags.length > 0 && end < sorted.length }
}

async function findTags(db: Kysely<Schema>, id: number, after = ''): Promise<readonly TagRow[]> {
  const { rows } = await sql<TagRow>`
    select tag, tags.digest, checked_at, media_type, first_fetched_at, last_pulled_at, size_bytes
      from tags
        cross join manifests on manifests.digest = tags.digest
        left join images on images.repository_id = tags.repository_id
          and images.digest = tags.digest
      where tags.repository_id = ${id} and gone_at is null and tag > ${after}
      order by tag limit ${mostTags}`.execute(db)
  return rows
}

type Listed = {
  readonly of: RepositoryKey
  readonly query: TagQuery
  readonly rows: readonly TagRow[]
}

async function putInOrder(db: Kysely<Schema>, listed: Listed): Promise<readonly TagRow[]> {
  const { order, isDescending, after } = listed.query
  if (after !== undefined) return listed.rows
  const weights = order === 'tag' ? undefined : await weigh(db, order, listed)
  const sign = isDescending ? -1 : 1
  const weightOf = ({ tag }: TagRow) => weights?.get(tag) ?? 0
  const byTag = (a: TagRow, b: TagRow) => compareTags(a.tag, b.tag)
  if (!weights) return listed.rows.toSorted((a, b) => sign * byTag(a, b))
  return listed.rows.toSorted((a, b) => sign * (weightOf(a) - weightOf(b)) || byTag(a, b))
}

async function weigh(
  db: Kysely<Schema>,
  order: Exclude<TagOrder, 'tag'>,
  { of, query, rows }: Listed,
): Promise<ReadonlyMap<string, number>> {
  if (order === 'pulls') return countTagPulls(db, of, query.pullsSince)
  if (order === 'stored') return new Map(rows.map((row) => [row.tag, row.first_fetched_at ?? 0]))
  if (order === 'pulled') return new Map(rows.map((row) => [row.tag, lastPull(of, row) ?? 0]))
  const sizes = await measureImages(
    db,
    rows.map(({ digest }) => digest),
  )
  return new Map(rows.map(({ tag, digest }) => [tag, sizes.get(digest) ?? 0]))
}

async function describe(
  db: Kysely<Schema>,
  { of, query, rows }: Listed,
): Promise<readonly TagFigures[]> {
  const digests = rows.map(({ digest }) => digest)
  const sizes = await measureImages(db, digests)
  const shares = await shareImages(db, of.id, digests)
  const names = rows.map(({ tag }) => tag)
  const pulls = await countTagPullsByDay(db, of, { ...query, tags: names })
  return rows.map((row) => ({
    tag: row.tag,
    digest: row.digest,
    manifestBytes: row.size_bytes,
    sizeBytes: sizes.get(row.digest) ?? row.size_bytes,
    mediaType: row.media_type ?? undefined,
    storedAt: row.first_fetched_at ?? undefined,
    lastPulledAt: lastPull(of, row),
    checkedAt: of.upstream === pushedHere ? undefined : row.checked_at,
    ...(shares.get(row.digest) ?? { ownBytes: 0, sharedBytes: 0 }),
    pullsByDay: pulls.get(row.tag) ?? Array.from({ length: query.days }, () => 0),
  }))
}

/** A push isn't a pull; what was fetched was fetched for somebody. */
function lastPull(
  { upstream }: RepositoryKey,
  { first_fetched_at, last_pulled_at }: TagRow,
): number | undefined {
  if (last_pulled_at === null || first_fetched_at === null) return undefined
  const isPulled = upstream !== pushedHere || last_pulled_at > first_fetched_at
  return isPulled ? last_pulled_at : undefined
}
