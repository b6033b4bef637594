import type { Digest } from '../../oci/digest.ts'
import type { Page } from '../../oci/page.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource, pushedHere } from '../../oci/source.ts'
import type { RemovedVersion } from '../hosted-records.ts'
import type { Database } from './database.ts'
import type { RepositoryIds } from './repository-ids.ts'

/** Which names are hosted. */
export class PushedRepositories {
  readonly #database: Database
  readonly #ids: RepositoryIds

  constructor(database: Database, ids: RepositoryIds) {
    this.#database = database
    this.#ids = ids
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
    return this.#database.durably(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('repositories')
        .set({ hosted_since: null })
        .where('id', '=', id)
        .where('hosted_since', 'is not', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) return undefined
      const tags = await transaction
        .deleteFrom('tags')
        .where('repository_id', '=', id)
        .returning('tag')
        .execute()
      const images = await transaction
        .deleteFrom('images')
        .where('repository_id', '=', id)
        .returning('digest')
        .execute()
      await transaction.deleteFrom('repository_blobs').where('repository_id', '=', id).execute()
      return {
        tags: tags.map(({ tag }) => tag as Tag),
        images: images.map(({ digest }) => digest as Digest),
      }
    })
  }
}
