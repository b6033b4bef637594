import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { Accesses, BlobRecord, BlobRecords, NewBlob } from '../metadata-store.ts'
import { batches } from './batches.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** Some 10 ms. */
const accessesPerTransaction = 150

export class DatabaseBlobRecords implements BlobRecords {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds

  constructor(db: Kysely<Schema>, ids: RepositoryIds) {
    this.#db = db
    this.#ids = ids
  }

  async recordBlob(blob: NewBlob): Promise<void> {
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
    return linked !== undefined || (await this.findNamedOrigin(source, digest)) === source.upstream
  }

  async findNamedOrigin(source: Source, digest: Digest): Promise<UpstreamName | undefined> {
    const isNamed = (await this.findChildSize(source, digest)) !== undefined
    return isNamed ? findBlobUpstream(this.#db, digest) : undefined
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

  /** In small transactions: the driver is synchronous, and requests are served between them. */
  async recordAccesses({ blobs, images }: Accesses): Promise<void> {
    for (const batch of batches([...blobs], accessesPerTransaction)) {
      await this.#db.transaction().execute(async (transaction) => {
        for (const [digest, at] of batch) await touchBlob(transaction, digest, at)
      })
      await setImmediate()
    }
    for (const batch of batches(images, accessesPerTransaction)) {
      await this.#db.transaction().execute(async (transaction) => {
        for (const image of batch) await this.#touchImage(transaction, image)
      })
      await setImmediate()
    }
  }

  async #touchImage(
    db: Transaction<Schema>,
    { digest, at, ...source }: Accesses['images'][number],
  ): Promise<void> {
    const id = await this.#ids.find(db, source)
    if (id === undefined) return
    await db
      .updateTable('images')
      .set({ last_pulled_at: at })
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .where('last_pulled_at', '<', at)
      .execute()
  }
}

/** Undefined if it isn't kept. */
export async function findBlobUpstream(
  db: Kysely<Schema>,
  digest: Digest,
): Promise<UpstreamName | undefined> {
  const row = await db
    .selectFrom('blobs')
    .select('upstream')
    .where('digest', '=', digest)
    .executeTakeFirst()
  return row?.upstream as UpstreamName | undefined
}

const laterAccess = sql<number>`case when excluded.last_accessed_at > blobs.last_accessed_at
  then excluded.last_accessed_at else blobs.last_accessed_at end`

/** Fetched again: the first fetch stays what it was, and it was just used. */
export async function insertBlob(db: Kysely<Schema>, blob: NewBlob): Promise<void> {
  await db
    .insertInto('blobs')
    .values({
      digest: blob.digest,
      size_bytes: blob.sizeBytes,
      upstream: blob.upstream,
      first_fetched_at: blob.firstFetchedAt,
      last_accessed_at: blob.firstFetchedAt,
    })
    .onConflict((conflict) =>
      conflict
        .column('digest')
        .doUpdateSet({ size_bytes: blob.sizeBytes, last_accessed_at: laterAccess }),
    )
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
