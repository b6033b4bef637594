import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { type Source, unknownOrigin } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { Accesses, BlobRecord, BlobRecords, NewBlob } from '../metadata-store.ts'
import { recordAccesses } from './record-accesses.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

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

  async hasUnknown(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('usage')
      .select('blobs')
      .where('upstream', '=', unknownOrigin)
      .executeTakeFirst()
    return row !== undefined && row.blobs > 0
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
        origin: row.upstream as UpstreamName,
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
        .values({ repository_id: id, digest, linked_at: null, size_bytes: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await transaction
        .updateTable('blobs')
        .set({ upstream: source.upstream })
        .where('digest', '=', digest)
        .where('upstream', '=', unknownOrigin)
        .execute()
    })
  }

  async isBlobLinked(source: Source, digest: Digest): Promise<boolean> {
    if (await this.hasBlobLink(source, digest)) return true
    return (await this.findNamedOrigin(source, digest)) === source.upstream
  }

  async hasBlobLink(source: Source, digest: Digest): Promise<boolean> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return false
    const linked = await this.#db
      .selectFrom('repository_blobs')
      .select('digest')
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .executeTakeFirst()
    return linked !== undefined
  }

  async findNamedOrigin(source: Source, digest: Digest): Promise<UpstreamName | undefined> {
    const isNamed = (await this.findChildSize(source, digest)) !== undefined
    return isNamed ? findBlobUpstream(this.#db, digest) : undefined
  }

  async findChildSize(source: Source, digest: Digest): Promise<number | undefined> {
    const id = await this.#ids.find(this.#db, source)
    return id === undefined ? undefined : await this.#findChildSize(id, digest)
  }

  recordAccesses(accesses: Accesses): Promise<void> {
    return recordAccesses(this.#db, this.#ids, accesses)
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

const knownOrigin = sql<string>`case when blobs.upstream = ${sql.lit(unknownOrigin)}
  then excluded.upstream else blobs.upstream end`

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
      conflict.column('digest').doUpdateSet({
        size_bytes: blob.sizeBytes,
        last_accessed_at: laterAccess,
        upstream: knownOrigin,
      }),
    )
    .execute()
}
