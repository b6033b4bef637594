import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource } from '../../oci/source.ts'
import type { DatedVersion, RemovedVersion, Version } from '../hosted-records.ts'
import type { Database } from './database.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

type Writing = { readonly transaction: Transaction<Schema>; readonly id: number }

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
    const { rows } = await sql<VersionRow>`
      select images.digest, images.first_fetched_at, tags.tag, tags.checked_at
      from images left join tags
        on tags.repository_id = images.repository_id and tags.digest = images.digest
      where images.repository_id = ${id} and (tags.tag is not null or ${isAlone(id)})
      order by images.digest, tags.tag`.execute(this.#database.queries)
    return groupByDigest(rows)
  }

  async remove(repository: Repository, { digest, tags }: Version): Promise<RemovedVersion> {
    const id = await this.#findId(repository)
    if (id === undefined) return { tags: [], images: [] }
    return this.#database.durably(async (transaction) => {
      const writing = { transaction, id }
      const removed = await removeTags(writing, { digest, tags })
      return { tags: removed, images: await removeUnheld(writing, digest) }
    })
  }

  #findId(repository: Repository): Promise<number | undefined> {
    return this.#ids.find(this.#database.queries, ownSource(repository))
  }
}

type VersionRow = {
  readonly digest: Digest
  readonly first_fetched_at: number
  readonly tag: Tag | null
  readonly checked_at: number | null
}

/** Neither part of an index nor about another image of the repository. */
function isAlone(repositoryId: number) {
  return sql<boolean>`not exists (
      select 1 from manifest_children join images parents on parents.digest = manifest_children.manifest
      where manifest_children.child = images.digest and parents.repository_id = ${repositoryId})
    and not exists (
      select 1 from manifests join images subjects on subjects.digest = manifests.subject
      where manifests.digest = images.digest and subjects.repository_id = ${repositoryId})`
}

function groupByDigest(rows: readonly VersionRow[]): readonly DatedVersion[] {
  const versions = new Map<Digest, { pushedAt: number; tags: { tag: Tag; pushedAt: number }[] }>()
  for (const { digest, first_fetched_at: pushedAt, tag, checked_at: taggedAt } of rows) {
    const version = versions.get(digest) ?? { pushedAt, tags: [] }
    if (tag !== null) version.tags.push({ tag, pushedAt: taggedAt ?? pushedAt })
    versions.set(digest, version)
  }
  return [...versions].map(([digest, version]) => ({ digest, ...version }))
}

async function removeTags({ transaction, id }: Writing, { digest, tags }: Version) {
  if (tags.length === 0) return []
  const rows = await transaction
    .deleteFrom('tags')
    .where('repository_id', '=', id)
    .where('digest', '=', digest)
    .where('tag', 'in', tags)
    .returning('tag')
    .execute()
  return rows.map(({ tag }) => tag as Tag)
}

/** The image, unless something holds it; then what it held. */
async function removeUnheld(writing: Writing, first: Digest): Promise<readonly Digest[]> {
  const removed: Digest[] = []
  const waiting = [first]
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const { transaction, id } = writing
    if (await isHeld(writing, digest)) continue
    const parts = await findParts(writing, digest)
    const { numDeletedRows } = await transaction
      .deleteFrom('images')
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) continue
    removed.push(digest)
    waiting.push(...parts)
  }
  return removed
}

async function isHeld({ transaction, id }: Writing, digest: Digest): Promise<boolean> {
  const { rows } = await sql`
    select 1 from tags where repository_id = ${id} and digest = ${digest}
    union all
    select 1 from manifest_children
      join images on images.digest = manifest_children.manifest and images.repository_id = ${id}
      where manifest_children.child = ${digest}
    limit 1`.execute(transaction)
  return rows.length > 0
}

/** Images of the repository that it lists, or that refer to it. */
async function findParts({ transaction, id }: Writing, digest: Digest): Promise<Digest[]> {
  const { rows } = await sql<{ digest: Digest }>`
    select images.digest from manifest_children
      join images on images.digest = manifest_children.child and images.repository_id = ${id}
      where manifest_children.manifest = ${digest}
    union
    select images.digest from manifests
      join images on images.digest = manifests.digest and images.repository_id = ${id}
      where manifests.subject = ${digest}`.execute(transaction)
  return rows.map((row) => row.digest)
}
