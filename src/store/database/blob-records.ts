import type { Kysely, Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Source } from '../../oci/source.ts'
import type { Accesses, BlobRecord, BlobRecords } from '../metadata-store.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

export class DatabaseBlobRecords implements BlobRecords {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds

  constructor(db: Kysely<Schema>, ids: RepositoryIds) {
    this.#db = db
    this.#ids = ids
  }

  async recordBlob(blob: {
    digest: Digest
    sizeBytes: number
    firstFetchedAt: number
  }): Promise<void> {
    await insertBlob(this.#db, blob)
  }

  async findBlob(digest: Digest): Promise<BlobRecord | undefined> {
    const row = await this.#db
      .selectFrom('blobs')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirst()
    return (
      row && {
        sizeBytes: row.size_bytes,
        firstFetchedAt: row.first_fetched_at,
        lastAccessedAt: row.last_accessed_at,
      }
    )
  }

  async linkBlob(source: Source, digest: Digest): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      await transaction
        .insertInto('repository_blobs')
        .values({ repository_id: id, digest })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
  }

  async isBlobLinked(source: Source, digest: Digest): Promise<boolean> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return false
    const linked = await this.#db
      .selectFrom('repository_blobs')
      .select('digest')
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .executeTakeFirst()
    return linked !== undefined || (await this.#findChildSize(id, digest)) !== undefined
  }

  async findChildSize(source: Source, digest: Digest): Promise<number | undefined> {
    const id = await this.#ids.find(this.#db, source)
    return id === undefined ? undefined : await this.#findChildSize(id, digest)
  }

  async #findChildSize(repositoryId: number, child: Digest): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('manifest_children')
      .innerJoin('images', 'images.digest', 'manifest_children.manifest')
      .select('manifest_children.size_bytes')
      .where('manifest_children.child', '=', child)
      .where('images.repository_id', '=', repositoryId)
      .limit(1)
      .executeTakeFirst()
    return row?.size_bytes
  }

  async recordAccesses(accesses: Accesses): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const [digest, at] of accesses.blobs) await touchBlob(transaction, digest, at)
      for (const { digest, at, ...source } of accesses.images) {
        const id = await this.#ids.find(transaction, source)
        if (id !== undefined) await touchImage(transaction, { id, digest, at })
      }
    })
  }
}

/** Fetched again: the first fetch stays what it was. */
export async function insertBlob(
  db: Kysely<Schema>,
  blob: { digest: Digest; sizeBytes: number; firstFetchedAt: number },
): Promise<void> {
  await db
    .insertInto('blobs')
    .values({
      digest: blob.digest,
      size_bytes: blob.sizeBytes,
      first_fetched_at: blob.firstFetchedAt,
      last_accessed_at: blob.firstFetchedAt,
    })
    .onConflict((conflict) => conflict.column('digest').doUpdateSet({ size_bytes: blob.sizeBytes }))
    .execute()
}

async function touchBlob(db: Transaction<Schema>, digest: Digest, at: number): Promise<void> {
  await db
    .updateTable('blobs')
    .set({ last_accessed_at: at })
    .where('digest', '=', digest)
    .where('last_accessed_at', '<', at)
    .execute()
}

async function touchImage(
  db: Transaction<Schema>,
  image: { id: number; digest: Digest; at: number },
): Promise<void> {
  await db
    .updateTable('images')
    .set({ last_pulled_at: image.at })
    .where('repository_id', '=', image.id)
    .where('digest', '=', image.digest)
    .where('last_pulled_at', '<', image.at)
    .execute()
}
