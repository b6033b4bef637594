import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import { pushedHere, type Source } from '../../oci/source.ts'
import type { CatalogRecords } from '../catalog-records.ts'
import { indexBytes } from './image-sizes.ts'
import { listSharing } from './layer-sharing.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

export class DatabaseCatalogRecords implements CatalogRecords {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds

  constructor(db: Kysely<Schema>, ids: RepositoryIds) {
    this.#db = db
    this.#ids = ids
  }

  async findLastPull(source: Source, digest: Digest): Promise<number | undefined> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return undefined
    const row = await this.#db
      .selectFrom('images')
      .select(pulledAt(source).as('pulled'))
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row?.pulled ?? undefined
  }

  async listTagsOf(source: Source, digest: Digest, limit: number): Promise<readonly Tag[]> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return []
    const rows = await this.#db
      .selectFrom('tags')
      .select('tag')
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .where('gone_at', 'is', null)
      .orderBy('tag')
      .limit(limit)
      .execute()
    return rows.map(({ tag }) => tag as Tag)
  }

  async measureIndex(digest: Digest): Promise<number> {
    const query = sql<{ size: number | null }>`select ${indexBytes(sql`${digest}`)} as size`
    const { rows } = await query.execute(this.#db)
    return Number(rows[0]?.size ?? 0)
  }

  listSharing: CatalogRecords['listSharing'] = (...asked) => listSharing(this.#db, ...asked)
}

/** A push isn't a pull; what was fetched was fetched for somebody. */
function pulledAt({ upstream }: Source) {
  return upstream === pushedHere
    ? sql<number | null>`case when last_pulled_at > first_fetched_at then last_pulled_at end`
    : sql<number | null>`last_pulled_at`
}
