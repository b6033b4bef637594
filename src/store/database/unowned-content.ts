import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Repository } from '../../oci/repository.ts'
import { pushedHere } from '../../oci/source.ts'
import type {
  Link,
  LinkKey,
  LinkPage,
  UnlinkedPage,
  UnownedBlob,
  UnownedList,
  UnownedPage,
  UnownedRecords,
} from '../unowned-records.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

type LinkRow = {
  readonly repository_id: number
  readonly digest: Digest
  readonly linked_at: number
  readonly name: Repository
}

/** What images name is theirs, in whichever repository they are. */
const isUnowned = sql<boolean>`
  not exists (select 1 from repository_blobs where repository_blobs.digest = blobs.digest)
  and not exists (select 1 from images where images.digest = blobs.digest)
  and not exists (
    select 1 from manifest_children join images on images.digest = manifest_children.manifest
    where manifest_children.child = blobs.digest)`

export class DatabaseUnownedRecords implements UnownedRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async unlinkUnneeded(page: LinkPage, mayGo: (link: Link) => boolean): Promise<UnlinkedPage> {
    const rows = await this.#listLinks(page)
    const last = rows.at(-1)
    const next = rows.length === page.limit && last ? toKey(last) : undefined
    const old = rows.filter((row) => mayGo(toLink(row)))
    if (old.length === 0) return { unlinked: [], next }
    const unlinked = await this.#database.queries.transaction().execute(async (transaction) => {
      const gone: Link[] = []
      for (const row of old) if (await unlink(transaction, row)) gone.push(toLink(row))
      return gone
    })
    return { unlinked, next }
  }

  async listUnowned({ after = '' as Digest, limit }: UnownedPage): Promise<UnownedList> {
    const { rows } = await sql<{ digest: Digest; is_unowned: number }>`
      select digest, ${isUnowned} as is_unowned from blobs
      where upstream = ${sql.lit(pushedHere)} and digest > ${after}
      order by digest limit ${limit}`.execute(this.#database.queries)
    return {
      unowned: rows.filter((row) => row.is_unowned).map(({ digest }) => digest),
      next: rows.length === limit ? rows.at(-1)?.digest : undefined,
    }
  }

  async forgetUnowned(digests: readonly Digest[]): Promise<readonly UnownedBlob[]> {
    if (digests.length === 0) return []
    return this.#database.queries.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ digest: Digest; size_bytes: number }>`
        delete from blobs where digest in (${sql.join(digests)}) and ${isUnowned}
        returning digest, size_bytes`.execute(transaction)
      const gone = rows.map(({ digest }) => digest)
      if (gone.length > 0) {
        await transaction.deleteFrom('manifest_children').where('manifest', 'in', gone).execute()
        await transaction.deleteFrom('manifests').where('digest', 'in', gone).execute()
      }
      return rows.map(({ digest, size_bytes: sizeBytes }) => ({ digest, sizeBytes }))
    })
  }

  async #listLinks({ after, limit }: LinkPage): Promise<readonly LinkRow[]> {
    const { repositoryId = -1, digest = '' } = after ?? {}
    const { rows } = await sql<LinkRow>`
      select repository_id, digest, linked_at, repositories.name
      from repository_blobs join repositories on repositories.id = repository_id
      where linked_at is not null and (repository_id, digest) > (${repositoryId}, ${digest})
      order by repository_id, digest limit ${limit}`.execute(this.#database.queries)
    return rows
  }
}

/** False if an image needs it, or it was linked anew. */
async function unlink(
  db: Transaction<Schema>,
  { repository_id: id, digest, linked_at }: LinkRow,
): Promise<boolean> {
  const { rows } = await sql`
    delete from repository_blobs
    where repository_id = ${id} and digest = ${digest} and linked_at = ${linked_at}
      and not exists (
        select 1 from manifest_children
          join images on images.digest = manifest_children.manifest and images.repository_id = ${id}
        where manifest_children.child = ${digest})
    returning digest`.execute(db)
  return rows.length > 0
}

function toLink({ name: repository, digest, linked_at: linkedAt }: LinkRow): Link {
  return { repository, digest, linkedAt }
}

function toKey({ repository_id: repositoryId, digest }: LinkRow): LinkKey {
  return { repositoryId, digest }
}
