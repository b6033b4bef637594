import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource } from '../../oci/source.ts'
import type { DatedVersion, PlannedRemoval, RemovedVersion, Version } from '../hosted-records.ts'
import type { Database } from './database.ts'
import { planRemoval } from './removal-plan.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'
import { isAsListed, removeTags, removeUnheld } from './version-removal.ts'

/** What a repository holds as its people see it: an image, with its tags and all that hangs on it. */
export class PushedVersions {
  readonly #database: Database
  readonly #ids: RepositoryIds

  constructor(database: Database, ids: RepositoryIds) {
    this.#database = database
    this.#ids = ids
  }

  async listTagsOf(repository: Repository, digest: Digest): Promise<readonly Tag[]> {
    const id = await this.#findId(repository)
    if (id === undefined) return []
    const rows = await this.#database.queries
      .selectFrom('tags')
      .select('tag')
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .orderBy('tag')
      .execute()
    return rows.map(({ tag }) => tag as Tag)
  }

  async list(repository: Repository): Promise<readonly DatedVersion[]> {
    const id = await this.#findId(repository)
    if (id === undefined) return []
    const listed: VersionRow[] = []
    let last: VersionRow | undefined
    do {
      const rows = await this.#listPage(id, last)
      listed.push(...rows.filter(({ stands }) => stands))
      last = rows.length === rowsPerPage ? rows.at(-1) : undefined
      await setImmediate()
    } while (last)
    return groupByDigest(listed)
  }

  async remove(repository: Repository, version: Version): Promise<RemovedVersion> {
    const id = await this.#findId(repository)
    if (id === undefined) return { tags: [], images: [] }
    return this.#database.durably((transaction) => remove(transaction, id, version))
  }

  async planRemoval(repository: Repository, version: Version): Promise<PlannedRemoval | undefined> {
    const id = await this.#findId(repository)
    if (id === undefined) return undefined
    return planRemoval(this.#database, id, (transaction) => remove(transaction, id, version))
  }

  async #listPage(id: number, after: VersionRow | undefined): Promise<readonly VersionRow[]> {
    const { digest, tag } = after ?? { digest: '', tag: '' }
    const { rows } = await sql<VersionRow>`
      select images.digest, coalesce(images.pushed_at, images.first_fetched_at) as pushed_at,
        tags.tag, tags.checked_at, case when tags.tag is not null or ${isAlone(id)} then 1 else 0 end as stands
      from images left join tags
        on tags.repository_id = images.repository_id and tags.digest = images.digest
      where images.repository_id = ${id}
        and images.digest >= ${digest} and (images.digest > ${digest} or tags.tag > ${tag})
      order by images.digest, tags.tag limit ${rowsPerPage}`.execute(this.#database.queries)
    return rows
  }

  #findId(repository: Repository): Promise<number | undefined> {
    return this.#ids.find(this.#database.queries, ownSource(repository))
  }
}

async function remove(
  transaction: Transaction<Schema>,
  id: number,
  version: Version,
): Promise<RemovedVersion> {
  const writing = { transaction, id }
  const tags = await removeTags(writing, version)
  const isThere = await isAsListed(writing, version)
  return { tags, images: isThere ? await removeUnheld(writing, version) : [] }
}

/** Some milliseconds; between two pages requests are served. */
const rowsPerPage = 1000

type VersionRow = {
  readonly digest: Digest
  readonly pushed_at: number
  readonly tag: Tag | null
  readonly checked_at: number | null
  /** Whether it is one by itself: 1 or 0. */
  readonly stands: number
}

/**
 * Neither part of an index nor about another image of the repository. A cross join is an inner join
 * like any other, but SQLite keeps to its order: by itself it may begin with all images.
 */
function isAlone(repositoryId: number) {
  return sql<boolean>`not exists (
      select 1 from manifest_children cross join images parents
      where manifest_children.child = images.digest
        and parents.repository_id = ${repositoryId} and parents.digest = manifest_children.manifest)
    and not exists (
      select 1 from manifests cross join images subjects
      where manifests.digest = images.digest
        and subjects.repository_id = ${repositoryId} and subjects.digest = manifests.subject)`
}

/** A tag that moved between two pages was read twice: it is where it was read last. */
function groupByDigest(rows: readonly VersionRow[]): readonly DatedVersion[] {
  const versions = new Map<Digest, { pushedAt: number; tags: { tag: Tag; pushedAt: number }[] }>()
  const places = new Map(rows.map(({ tag, digest }) => [tag, digest]))
  for (const { digest, pushed_at: pushedAt, tag, checked_at: taggedAt } of rows) {
    if (tag !== null && places.get(tag) !== digest) continue
    const version = versions.get(digest) ?? { pushedAt, tags: [] }
    if (tag !== null) version.tags.push({ tag, pushedAt: taggedAt ?? pushedAt })
    versions.set(digest, version)
  }
  return [...versions].map(([digest, version]) => ({ digest, ...version }))
}
