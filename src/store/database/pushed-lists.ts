import type { Digest } from '../../oci/digest.ts'
import type { Page, Part } from '../../oci/page.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource } from '../../oci/source.ts'
import type { PushedReferrer, ReferrersPage } from '../hosted-records.ts'
import type { Database } from './database.ts'
import { listReferrers } from './referrer-lists.ts'
import type { RepositoryIds } from './repository-ids.ts'

/** Listings of what was pushed, a page at a time. */
export class PushedLists {
  readonly #database: Database
  readonly #ids: RepositoryIds

  constructor(database: Database, ids: RepositoryIds) {
    this.#database = database
    this.#ids = ids
  }

  async listTags(repository: Repository, { after = '', limit }: Page): Promise<readonly Tag[]> {
    const { queries } = this.#database
    const id = await this.#ids.find(queries, ownSource(repository))
    if (id === undefined) return []
    const rows = await queries
      .selectFrom('tags')
      .select('tag')
      .where('repository_id', '=', id)
      .where('tag', '>', after)
      .orderBy('tag')
      .limit(limit)
      .execute()
    return rows.map((row) => row.tag as Tag)
  }

  async listReferrers(
    repository: Repository,
    subject: Digest,
    page: ReferrersPage,
  ): Promise<Part<PushedReferrer>> {
    const { queries } = this.#database
    const id = await this.#ids.find(queries, ownSource(repository))
    if (id === undefined) return { entries: [], hasMore: false }
    return listReferrers(queries, { id, subject, page })
  }
}
