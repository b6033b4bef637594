import { sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Repository } from '../../oci/repository.ts'
import { pushedHere } from '../../oci/source.ts'
import type {
  LinkPage,
  UnlinkedPage,
  UnownedBlob,
  UnownedList,
  UnownedPage,
  UnownedRecords,
} from '../unowned-records.ts'
import type { Database } from './database.ts'

type LinkRow = {
  readonly repository_id: number
  readonly digest: Digest
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

  async unlinkUnneeded(before: number, { after, limit }: LinkPage): Promise<UnlinkedPage> {
    const links = await this.#listLinks({ after, limit })
    const last = links.at(-1)
    const next = links.length === limit && last ? toKey(last) : undefined
    const old = links.filter(({ linked_at }) => linked_at < before)
    if (old.length === 0) return { unlinked: [], next }
    const unlinked: LinkRow[] = []
    await this.#database.queries.transaction().execute(async (transaction) => {
      for (const { repository_id: id, digest, name } of old) {
        const { rows } = await sql`
          delete from repository_blobs
          where repository_id = ${id} and digest = ${digest} and linked_at < ${before}
            and not exists (
              select 1 from manifest_children
                join images on images.digest = manifest_children.manifest
                  and images.repository_id = ${id}
              where manifest_children.child = ${digest})
          returning digest`.execute(transaction)
        if (rows.length > 0) unlinked.push({ repository_id: id, digest, name })
      }
    })
    return {
      unlinked: unlinked.map(({ name: repository, digest }) => ({ repository, digest })),
      next,
    }
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

  async #listLinks({ after, limit }: LinkPage) {
    const { repositoryId = -1, digest = '' } = after ?? {}
    const { rows } = await sql<LinkRow & { linked_at: number }>`
      select repository_id, digest, linked_at, repositories.name
      from repository_blobs join repositories on repositories.id = repository_id
      where linked_at is not null and (repository_id, digest) > (${repositoryId}, ${digest})
      order by repository_id, digest limit ${limit}`.execute(this.#database.queries)
    return rows
  }
}

function toKey({ repository_id: repositoryId, digest }: LinkRow) {
  return { repositoryId, digest }
}
