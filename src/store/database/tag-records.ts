import type { Kysely } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Source } from '../../oci/source.ts'
import type { TagRecord, TagRecords } from '../metadata-store.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

export class DatabaseTagRecords implements TagRecords {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds

  constructor(db: Kysely<Schema>, ids: RepositoryIds) {
    this.#db = db
    this.#ids = ids
  }

  async findTag(source: Source, tag: Tag): Promise<TagRecord | undefined> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return undefined
    const row = await this.#db
      .selectFrom('tags')
      .select(['digest', 'checked_at', 'gone_at'])
      .where('repository_id', '=', id)
      .where('tag', '=', tag)
      .executeTakeFirst()
    return (
      row && {
        digest: row.digest as Digest,
        checkedAt: row.checked_at,
        goneAt: row.gone_at ?? undefined,
      }
    )
  }

  async recordTag(source: Source, tag: Tag, record: TagRecord): Promise<void> {
    const row = {
      digest: record.digest,
      checked_at: record.checkedAt,
      gone_at: record.goneAt ?? null,
    }
    await this.#db.transaction().execute(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      await transaction
        .insertInto('tags')
        .values({ repository_id: id, tag, ...row })
        .onConflict((conflict) => conflict.columns(['repository_id', 'tag']).doUpdateSet(row))
        .execute()
    })
  }

  async listTags(source: Source): Promise<readonly Tag[]> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return []
    const rows = await this.#db
      .selectFrom('tags')
      .select('tag')
      .where('repository_id', '=', id)
      .where('gone_at', 'is', null)
      .execute()
    return rows.map((row) => row.tag as Tag)
  }
}
