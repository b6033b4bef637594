import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource } from '../../oci/source.ts'
import type { Page, PushedReferrer, ReferrersPage } from '../hosted-records.ts'
import type { Database } from './database.ts'
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
    { after = '', limit, artifactType }: ReferrersPage,
  ): Promise<readonly PushedReferrer[]> {
    const { queries } = this.#database
    const id = await this.#ids.find(queries, ownSource(repository))
    if (id === undefined) return []
    const ofSubject = queries
      .selectFrom('manifests')
      .innerJoin('images', 'images.digest', 'manifests.digest')
      .select(['manifests.digest', 'size_bytes', 'artifact_type', 'annotations', 'media_type'])
      .where('subject', '=', subject)
      .where('repository_id', '=', id)
      .where('manifests.digest', '>', after)
    const wanted = artifactType ? ofSubject.where('artifact_type', '=', artifactType) : ofSubject
    const rows = await wanted.orderBy('manifests.digest').limit(limit).execute()
    return rows.map((row) => ({
      digest: row.digest as Digest,
      mediaType: row.media_type,
      sizeBytes: row.size_bytes,
      artifactType: row.artifact_type ?? undefined,
      annotations: row.annotations === null ? undefined : JSON.parse(row.annotations),
    }))
  }
}
