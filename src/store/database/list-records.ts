import type { Kysely } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Source } from '../../oci/source.ts'
import type { FetchedList, ListRecords } from '../metadata-store.ts'
import { ListRoom } from './list-room.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** Lists of ten thousands of repositories, as they usually are. */
const maxAllBytes = 256 * 1024 * 1024

type Row = { readonly entries: string; readonly fetched_at: number }

export class DatabaseListRecords implements ListRecords {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds
  readonly #room: ListRoom

  constructor(db: Kysely<Schema>, ids: RepositoryIds, maxBytes = maxAllBytes) {
    this.#db = db
    this.#ids = ids
    this.#room = new ListRoom(db, maxBytes)
  }

  async findTagList(source: Source): Promise<FetchedList<string> | undefined> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return undefined
    const row = await this.#db
      .selectFrom('tag_lists')
      .select(['entries', 'fetched_at'])
      .where('repository_id', '=', id)
      .executeTakeFirst()
    return row && fromRow<string>(row)
  }

  async recordTagList(source: Source, list: FetchedList<string>): Promise<void> {
    const row = toRow(list)
    await this.#db.transaction().execute(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      await transaction
        .insertInto('tag_lists')
        .values({ repository_id: id, ...row })
        .onConflict((conflict) => conflict.column('repository_id').doUpdateSet(row))
        .execute()
    })
    await this.#room.note(row.entries)
  }

  async findReferrers(source: Source, subject: Digest): Promise<FetchedList<unknown> | undefined> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return undefined
    const row = await this.#db
      .selectFrom('referrer_lists')
      .select(['entries', 'fetched_at'])
      .where('repository_id', '=', id)
      .where('subject', '=', subject)
      .executeTakeFirst()
    return row && fromRow(row)
  }

  async recordReferrers(
    source: Source,
    subject: Digest,
    list: FetchedList<unknown>,
  ): Promise<void> {
    const row = toRow(list)
    await this.#db.transaction().execute(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      await transaction
        .insertInto('referrer_lists')
        .values({ repository_id: id, subject, ...row })
        .onConflict((conflict) => conflict.columns(['repository_id', 'subject']).doUpdateSet(row))
        .execute()
    })
    await this.#room.note(row.entries)
  }
}

function toRow(list: FetchedList<unknown>): Row {
  return { entries: JSON.stringify(list.entries), fetched_at: list.fetchedAt }
}

function fromRow<T>(row: Row): FetchedList<T> {
  return { entries: JSON.parse(row.entries) as T[], fetchedAt: row.fetched_at }
}
