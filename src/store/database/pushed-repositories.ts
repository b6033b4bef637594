import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Page } from '../../oci/page.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource, pushedHere } from '../../oci/source.ts'
import type { PlannedRemoval, RemovedVersion } from '../hosted-records.ts'
import type { Database } from './database.ts'
import type { LedgerReader } from './ledger-reader.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** A few milliseconds; between two deletes requests are served. */
const rowsPerDelete = 500

/** Which names are hosted. */
export class PushedRepositories {
  readonly #database: Database
  readonly #ids: RepositoryIds
  readonly #reader: LedgerReader

  constructor(database: Database, ids: RepositoryIds, reader: LedgerReader) {
    this.#database = database
    this.#ids = ids
    this.#reader = reader
  }

  async isHosted(repository: Repository): Promise<boolean> {
    const row = await this.#database.queries
      .selectFrom('repositories')
      .select('hosted_since')
      .where('upstream', '=', pushedHere)
      .where('name', '=', repository)
      .executeTakeFirst()
    return row !== undefined && row.hosted_since !== null
  }

  async list({ after = '', limit }: Page): Promise<readonly Repository[]> {
    const rows = await this.#database.queries
      .selectFrom('repositories')
      .select('name')
      .where('upstream', '=', pushedHere)
      .where('name', '>', after)
      .where((where) =>
        where.exists(
          where
            .selectFrom('images')
            .select('digest')
            .whereRef('images.repository_id', '=', 'repositories.id'),
        ),
      )
      .orderBy('name')
      .limit(limit)
      .execute()
    return rows.map(({ name }) => name as Repository)
  }

  async remove(repository: Repository): Promise<RemovedVersion | undefined> {
    const id = await this.#ids.find(this.#database.queries, ownSource(repository))
    if (id === undefined) return undefined
    return this.#database.durably((transaction) => removeAll(transaction, id))
  }

  async planRemoval(repository: Repository): Promise<PlannedRemoval | undefined> {
    const id = await this.#ids.find(this.#database.queries, ownSource(repository))
    if (id === undefined) return undefined
    return this.#reader.ask({ what: 'removal', repositoryId: id })
  }
}

async function removeAll(
  transaction: Transaction<Schema>,
  id: number,
): Promise<RemovedVersion | undefined> {
  const { numUpdatedRows } = await transaction
    .updateTable('repositories')
    .set({ hosted_since: null })
    .where('id', '=', id)
    .where('hosted_since', 'is not', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return undefined
  const tags = await takeAll(transaction, id, { table: 'tags', column: 'tag' })
  const images = await takeAll(transaction, id, { table: 'images', column: 'digest' })
  await takeAll(transaction, id, { table: 'repository_blobs', column: 'digest' })
  return { tags: tags as Tag[], images: images as Digest[] }
}

/** All rows of the repository; gives the column of each. */
async function takeAll(
  transaction: Transaction<Schema>,
  repositoryId: number,
  { table, column }: { table: string; column: string },
): Promise<readonly string[]> {
  const [from, key] = [sql.table(table), sql.ref(column)]
  const taken: string[] = []
  let count: number
  do {
    const { rows } = await sql<{ key: string }>`
      delete from ${from} where repository_id = ${repositoryId} and ${key} in (
        select ${key} from ${from} where repository_id = ${repositoryId} limit ${rowsPerDelete})
      returning ${key} as key`.execute(transaction)
    count = rows.length
    for (const row of rows) taken.push(row.key)
    await setImmediate()
  } while (count === rowsPerDelete)
  return taken
}
