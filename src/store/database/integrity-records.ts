import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type {
  FoundBlob,
  IntegrityRecords,
  Owners,
  RecordedBlob,
  RecordedPage,
} from '../integrity-records.ts'
import { batches } from './batches.ts'
import { findOwners } from './blob-owners.ts'
import type { Database } from './database.ts'
import { recordFound } from './found-blobs.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds each; between two statements requests are served. */
const lookedUpPerStatement = 500
const notedPerStatement = 150

/** As the index blobs_verified has it. */
const verifiedAt = sql<number>`coalesce(verified_at, first_fetched_at)`

export class DatabaseIntegrityRecords implements IntegrityRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async findRecorded(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, number>> {
    const found = new Map<Digest, number>()
    for (const batch of batches(digests, lookedUpPerStatement)) {
      const rows = await this.#select().where('digest', 'in', batch).execute()
      for (const row of rows) found.set(row.digest as Digest, row.size_bytes)
      await setImmediate()
    }
    return found
  }

  async listRecorded({ after = '' as Digest, limit }: RecordedPage) {
    const rows = await this.#select()
      .where('digest', '>', after)
      .orderBy('digest')
      .limit(limit)
      .execute()
    return rows.map(toBlob)
  }

  async listDue({ before, now, limit }: Parameters<IntegrityRecords['listDue']>[0]) {
    const due = this.#select().orderBy(verifiedAt).orderBy('digest')
    const old = await due.where(verifiedAt, '<', before).limit(limit).execute()
    const others = limit - old.length
    const odd = others > 0 ? await due.where(verifiedAt, '>', now).limit(others).execute() : []
    return [...old, ...odd].map(toBlob)
  }

  async noteVerified(digests: readonly Digest[], at: number): Promise<void> {
    for (const batch of batches(digests, notedPerStatement)) {
      await this.#database.queries
        .updateTable('blobs')
        .set({ verified_at: at })
        .where('digest', 'in', batch)
        .execute()
      await setImmediate()
    }
  }

  recordFound(found: readonly FoundBlob[]): Promise<void> {
    return recordFound(this.#database.queries, found)
  }

  findOwners(digest: Digest): Promise<Owners> {
    return findOwners(this.#database.queries, digest)
  }

  forgetMirrored(digest: Digest): Promise<boolean> {
    return this.#database.queries.transaction().execute(async (transaction) => {
      if (await isPushed(transaction, digest)) return false
      await transaction.deleteFrom('manifest_children').where('manifest', '=', digest).execute()
      await transaction.deleteFrom('manifests').where('digest', '=', digest).execute()
      await transaction.deleteFrom('blobs').where('digest', '=', digest).execute()
      return true
    })
  }

  async measureRecorded(): Promise<{ readonly blobs: number; readonly bytes: number }> {
    const { blobs, bytes } = await this.#database.queries
      .selectFrom('usage')
      .select(({ fn }) => [
        fn.sum<number | null>('blobs').as('blobs'),
        fn.sum<number | null>('bytes').as('bytes'),
      ])
      .executeTakeFirstOrThrow()
    return { blobs: Number(blobs ?? 0), bytes: Number(bytes ?? 0) }
  }

  #select() {
    return this.#database.queries.selectFrom('blobs').select(['digest', 'size_bytes'])
  }
}

async function isPushed(db: Transaction<Schema>, digest: Digest): Promise<boolean> {
  const link = await db
    .selectFrom('repository_blobs')
    .select('digest')
    .where('digest', '=', digest)
    .where('linked_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  if (link) return true
  const image = await db
    .selectFrom('images')
    .select('digest')
    .where('digest', '=', digest)
    .where('pushed_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return image !== undefined
}

function toBlob(row: { readonly digest: string; readonly size_bytes: number }): RecordedBlob {
  return { digest: row.digest as Digest, sizeBytes: row.size_bytes }
}
