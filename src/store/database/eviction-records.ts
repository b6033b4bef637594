import { type Kysely, sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { isDigest } from '../../oci/digest.ts'
import type { Reference, Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import type { Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type {
  EvictedInTime,
  Eviction,
  EvictionPage,
  EvictionRecords,
  EvictionSums,
  ListedEviction,
  SizedBlob,
} from '../space-records.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

const mostRemembered = 10_000
const rowsPerInsert = 200

type Row = Omit<Schema['evictions'], 'id'>

export class DatabaseEvictionRecords implements EvictionRecords {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async findEviction(
    { upstream, repository }: Source,
    reference: Reference,
  ): Promise<Eviction | undefined> {
    const ofRepository = this.#db
      .selectFrom('evictions')
      .selectAll()
      .where('upstream', '=', upstream)
      .where('repository', '=', repository)
      .orderBy('id', 'desc')
    if (isDigest(reference)) {
      const row = await ofRepository.where('digest', '=', reference).limit(1).executeTakeFirst()
      return row && toEviction(row)
    }
    // For case, and for what other tags have in common with it: `_` stands for any character there.
    const rows = await ofRepository.where('tags', 'like', `%"${reference}"%`).execute()
    return rows.map(toEviction).find(({ tags }) => tags.includes(reference))
  }

  async findEvictionOf(digest: Digest): Promise<Eviction | undefined> {
    const row = await this.#db
      .selectFrom('evictions')
      .selectAll()
      .where((where) =>
        where.or([
          where('digest', '=', digest),
          where(
            'id',
            'in',
            where.selectFrom('evicted_blobs').select('eviction_id').where('digest', '=', digest),
          ),
        ]),
      )
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && toEviction(row)
  }

  async listEvictions({ before, limit }: EvictionPage): Promise<readonly ListedEviction[]> {
    const rows = await this.#db
      .selectFrom('evictions')
      .selectAll()
      .where('id', '<', before ?? Number.MAX_SAFE_INTEGER)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ ...toEviction(row), id: row.id }))
  }

  async sumEvictions({ since, stepMs }: EvictionSums): Promise<readonly EvictedInTime[]> {
    const step = sql.lit(stepMs)
    const { rows } = await sql<EvictedInTime>`
      select (evicted_at / ${step}) * ${step} as at, count(*) as images,
        sum(freed_bytes) as "freedBytes"
      from evictions where evicted_at >= ${since}
      group by evicted_at / ${step} order by at`.execute(this.#db)
    return rows
  }
}

export async function rememberEviction(
  db: Transaction<Schema>,
  { source, tags, ...eviction }: Eviction,
  freed: readonly SizedBlob[],
): Promise<void> {
  const row: Row = {
    evicted_at: eviction.at,
    upstream: source.upstream,
    repository: source.repository,
    digest: eviction.digest,
    tags: JSON.stringify(tags),
    freed_bytes: eviction.freedBytes,
    first_fetched_at: eviction.firstFetchedAt,
    last_pulled_at: eviction.lastPulledAt,
    reason: eviction.reason,
  }
  const { id } = await db
    .insertInto('evictions')
    .values(row)
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const batch of batches(freed, rowsPerInsert)) {
    const values = batch.map(({ digest, sizeBytes }) => ({
      eviction_id: id,
      digest,
      size_bytes: sizeBytes,
    }))
    await db.insertInto('evicted_blobs').values(values).execute()
  }
  const oldest = sql<number>`${id - mostRemembered}`
  await db.deleteFrom('evicted_blobs').where('eviction_id', '<=', oldest).execute()
  await db.deleteFrom('evictions').where('id', '<=', oldest).execute()
}

function toEviction(row: Row): Eviction {
  return {
    at: row.evicted_at,
    source: {
      upstream: row.upstream as UpstreamName,
      repository: row.repository as Repository,
    },
    digest: row.digest as Digest,
    tags: JSON.parse(row.tags) as Tag[],
    freedBytes: row.freed_bytes,
    firstFetchedAt: row.first_fetched_at,
    lastPulledAt: row.last_pulled_at,
    reason: row.reason,
  }
}
