import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
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
import { batches } from './batches.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import {
  findUnneeded,
  type LinkRange,
  listLinkRanges,
  type UnneededLink,
} from './unneeded-links.ts'
import { lookAtBlobs } from './unowned-blobs.ts'

/** A few milliseconds; between two deletes requests are served. */
const rowsPerDelete = 20

type OldLinks = { readonly range: LinkRange; readonly links: readonly UnneededLink[] }

export class DatabaseUnownedRecords implements UnownedRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async unlinkUnneeded(page: LinkPage, mayGo: (link: Link) => boolean): Promise<UnlinkedPage> {
    const { queries } = this.#database
    const ranges = await listLinkRanges(queries, page)
    const old: OldLinks[] = []
    for (const range of ranges) {
      const unneeded = await findUnneeded(queries, range)
      const links = unneeded.filter((link) => mayGo(toLink(range, link)))
      if (links.length > 0) old.push({ range, links })
      await setImmediate()
    }
    const count = ranges.reduce((sum, range) => sum + range.count, 0)
    const last = ranges.at(-1)
    const next = count === page.limit && last ? toKey(last) : undefined
    return { unlinked: old.length > 0 ? await this.#unlink(old) : [], next }
  }

  async listUnowned({ after = '' as Digest, limit }: UnownedPage): Promise<UnownedList> {
    const looked = await lookAtBlobs(
      this.#database.queries,
      sql`upstream = ${sql.lit(pushedHere)} and digest > ${after} order by digest limit ${limit}`,
    )
    return {
      unowned: looked.filter((blob) => blob.isUnowned).map(({ digest }) => digest),
      next: looked.length === limit ? looked.at(-1)?.digest : undefined,
    }
  }

  findUnowned(digests: readonly Digest[]): Promise<readonly Digest[]> {
    return findUnowned(this.#database.queries, digests)
  }

  async forgetUnowned(digests: readonly Digest[]): Promise<readonly UnownedBlob[]> {
    if (digests.length === 0) return []
    return this.#database.durably(async (transaction) => {
      const gone = await findUnowned(transaction, digests)
      const forgotten: UnownedBlob[] = []
      for (const batch of batches(gone, rowsPerDelete)) {
        forgotten.push(...(await forget(transaction, batch)))
        await setImmediate()
      }
      return forgotten
    })
  }

  /** But for those that an image came to need since, or that were linked anew. */
  #unlink(old: readonly OldLinks[]): Promise<readonly Link[]> {
    return this.#database.durably(async (transaction) => {
      const unlinked: Link[] = []
      for (const { range, links } of old) {
        const known = new Map(links.map((link) => [link.digest, link.linked_at]))
        const unneeded = await findUnneeded(transaction, range)
        const still = unneeded.filter((link) => known.get(link.digest) === link.linked_at)
        for (const batch of batches(still, rowsPerDelete)) {
          await unlink(transaction, range, batch)
          unlinked.push(...batch.map((link) => toLink(range, link)))
          await setImmediate()
        }
      }
      return unlinked
    })
  }
}

async function findUnowned(
  db: Kysely<Schema>,
  digests: readonly Digest[],
): Promise<readonly Digest[]> {
  if (digests.length === 0) return []
  const looked = await lookAtBlobs(db, sql`digest in (${sql.join(digests)})`)
  return looked.filter((blob) => blob.isUnowned).map(({ digest }) => digest)
}

async function unlink(
  db: Transaction<Schema>,
  { repositoryId }: LinkRange,
  links: readonly UnneededLink[],
): Promise<void> {
  const digests = links.map(({ digest }) => digest)
  await db
    .deleteFrom('repository_blobs')
    .where('repository_id', '=', repositoryId)
    .where('digest', 'in', digests)
    .execute()
}

/** With what is known of them. */
export async function forget(
  db: Transaction<Schema>,
  digests: readonly Digest[],
): Promise<readonly UnownedBlob[]> {
  await db.deleteFrom('manifest_children').where('manifest', 'in', digests).execute()
  await db.deleteFrom('manifests').where('digest', 'in', digests).execute()
  await db.deleteFrom('repository_blobs').where('digest', 'in', digests).execute()
  const rows = await db
    .deleteFrom('blobs')
    .where('digest', 'in', digests)
    .returning(['digest', 'size_bytes'])
    .execute()
  return rows.map((row) => ({ digest: row.digest as Digest, sizeBytes: row.size_bytes }))
}

function toLink(
  { name: repository }: LinkRange,
  { digest, linked_at: linkedAt }: UnneededLink,
): Link {
  return { repository, digest, linkedAt }
}

function toKey({ repositoryId, last: digest }: LinkRange): LinkKey {
  return { repositoryId, digest }
}
