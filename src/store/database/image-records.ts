import { type Kysely, sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { manifestTypes } from '../../oci/media-type.ts'
import type { Repository } from '../../oci/repository.ts'
import type { Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { ImageRecord, ImageRecords, ManifestRecord, NewImage } from '../metadata-store.ts'
import { insertBlob } from './blob-records.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** SQLite takes at most 32,766 values in a statement; four columns a row. */
const childrenPerInsert = 1000

export class DatabaseImageRecords implements ImageRecords {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds

  constructor(db: Kysely<Schema>, ids: RepositoryIds) {
    this.#db = db
    this.#ids = ids
  }

  async recordImage(source: Source, image: NewImage): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      await insertBlob(transaction, image)
      await insertManifest(transaction, image)
      await transaction
        .insertInto('images')
        .values({
          repository_id: id,
          digest: image.digest,
          first_fetched_at: image.firstFetchedAt,
          last_pulled_at: image.firstFetchedAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
  }

  async findImage(source: Source, digest: Digest): Promise<ImageRecord | undefined> {
    const id = await this.#ids.find(this.#db, source)
    const manifest = id === undefined ? undefined : await this.findManifest(digest)
    if (id === undefined || !manifest) return undefined
    const times = (await this.#imageTimes(id, digest)) ?? (await this.#indexTimes(id, digest))
    if (!times) return undefined
    return {
      ...manifest,
      totalBytes: manifest.sizeBytes + (await this.#childrenBytes(digest)),
      firstFetchedAt: times.first_fetched_at,
      lastPulledAt: times.last_pulled_at,
    }
  }

  async findManifest(digest: Digest): Promise<ManifestRecord | undefined> {
    const row = await this.#db
      .selectFrom('manifests')
      .select(['media_type', 'size_bytes'])
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row && { mediaType: row.media_type, sizeBytes: row.size_bytes }
  }

  async isManifest(digest: Digest): Promise<boolean> {
    if (await this.findManifest(digest)) return true
    const listed = await this.#db
      .selectFrom('manifest_children')
      .select('child')
      .where('child', '=', digest)
      .where('media_type', 'in', [...manifestTypes])
      .executeTakeFirst()
    return listed !== undefined
  }

  async listRepositories(): Promise<readonly Source[]> {
    const rows = await this.#db
      .selectFrom('repositories')
      .select(['upstream', 'name'])
      .where('id', 'in', (images) => images.selectFrom('images').select('repository_id'))
      .execute()
    return rows.map((row) => ({
      upstream: row.upstream as UpstreamName,
      repository: row.name as Repository,
    }))
  }

  async #imageTimes(id: number, digest: Digest) {
    return this.#db
      .selectFrom('images')
      .select(['first_fetched_at', 'last_pulled_at'])
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .executeTakeFirst()
  }

  /** A manifest kept through another repository, which an index of this one lists. */
  async #indexTimes(id: number, digest: Digest) {
    return this.#db
      .selectFrom('manifest_children')
      .innerJoin('images', 'images.digest', 'manifest_children.manifest')
      .select(['images.first_fetched_at', 'images.last_pulled_at'])
      .where('manifest_children.child', '=', digest)
      .where('images.repository_id', '=', id)
      .executeTakeFirst()
  }

  /** Added as floating point numbers: what a manifest claims may be more than an integer holds. */
  async #childrenBytes(digest: Digest): Promise<number> {
    const row = await this.#db
      .selectFrom('manifest_children')
      .select(sql<number>`sum(cast(size_bytes as double precision))`.as('total'))
      .where('manifest', '=', digest)
      .executeTakeFirst()
    return Number(row?.total ?? 0)
  }
}

async function insertManifest(db: Transaction<Schema>, image: NewImage): Promise<void> {
  await db
    .insertInto('manifests')
    .values({
      digest: image.digest,
      media_type: image.mediaType,
      size_bytes: image.sizeBytes,
      artifact_type: image.artifactType ?? null,
      subject: image.subject ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const rows = image.children.map((child) => ({
    manifest: image.digest,
    child: child.digest,
    media_type: child.mediaType,
    size_bytes: child.sizeBytes,
  }))
  for (let start = 0; start < rows.length; start += childrenPerInsert) {
    await db
      .insertInto('manifest_children')
      .values(rows.slice(start, start + childrenPerInsert))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
