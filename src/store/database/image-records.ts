import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { indexTypes, manifestTypes } from '../../oci/media-type.ts'
import type { Source } from '../../oci/source.ts'
import type { ImageRecord, ImageRecords, NewImage, NewLink } from '../metadata-store.ts'
import { findBlobUpstream, insertBlob } from './blob-records.ts'
import { insertImage, insertManifest } from './image-rows.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** A base image's layer may be in thousands of images, and to look at them all would take too long. */
const maxParents = 500

export class DatabaseImageRecords implements Omit<ImageRecords, 'listRepositories'> {
  readonly #db: Kysely<Schema>
  readonly #ids: RepositoryIds

  constructor(db: Kysely<Schema>, ids: RepositoryIds) {
    this.#db = db
    this.#ids = ids
  }

  async recordImage(source: Source, image: NewImage): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      await insertBlob(transaction, { ...image, upstream: source.upstream })
      await insertManifest(transaction, image)
      await insertImage(transaction, id, image)
    })
  }

  async findImage(source: Source, digest: Digest): Promise<ImageRecord | undefined> {
    const id = await this.#ids.find(this.#db, source)
    const sizeBytes = id === undefined ? undefined : await this.#findSize(digest)
    if (id === undefined || sizeBytes === undefined) return undefined
    const own = await this.#findOwn(id, digest)
    const image = own ?? (await this.#findListed(id, source, digest))
    if (!image) return undefined
    return {
      isOwn: own !== undefined,
      mediaType: image.media_type,
      sizeBytes,
      totalBytes: sizeBytes + (await this.#childrenBytes(digest)),
      firstFetchedAt: image.first_fetched_at,
      lastPulledAt: image.last_pulled_at,
    }
  }

  async linkImage(source: Source, digest: Digest, { mediaType, at }: NewLink): Promise<void> {
    const id = await this.#ids.ensure(this.#db, source)
    await this.#db
      .insertInto('images')
      .values({
        repository_id: id,
        digest,
        media_type: mediaType,
        first_fetched_at: at,
        last_pulled_at: at,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  async hasImages(source: Source): Promise<boolean> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return false
    const image = await this.#db
      .selectFrom('images')
      .select('digest')
      .where('repository_id', '=', id)
      .limit(1)
      .executeTakeFirst()
    return image !== undefined
  }

  async isManifestKept(digest: Digest): Promise<boolean> {
    return (await this.#findSize(digest)) !== undefined
  }

  async isManifest(source: Source, digest: Digest): Promise<boolean> {
    const isOfUpstream = (await findBlobUpstream(this.#db, digest)) === source.upstream
    if (isOfUpstream && (await this.isManifestKept(digest))) return true
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return false
    if (await this.#findOwn(id, digest)) return true
    return (await this.#findListing(id, digest)) !== undefined
  }

  async findParent(source: Source, child: Digest): Promise<Digest | undefined> {
    const id = await this.#ids.find(this.#db, source)
    if (id === undefined) return undefined
    const row = await this.#db
      .selectFrom((parents) =>
        parents
          .selectFrom('manifest_children')
          .innerJoin('images', 'images.digest', 'manifest_children.manifest')
          .select(['images.digest', 'images.last_pulled_at'])
          .where('manifest_children.child', '=', child)
          .where('images.repository_id', '=', id)
          .limit(maxParents)
          .as('parents'),
      )
      .select('digest')
      .orderBy('last_pulled_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.digest as Digest | undefined
  }

  async #findSize(digest: Digest): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('manifests')
      .select('size_bytes')
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row?.size_bytes
  }

  async #findOwn(id: number, digest: Digest) {
    return this.#db
      .selectFrom('images')
      .select(['media_type', 'first_fetched_at', 'last_pulled_at'])
      .where('repository_id', '=', id)
      .where('digest', '=', digest)
      .executeTakeFirst()
  }

  /** A manifest kept through another repository of this upstream, which an index of this one lists. */
  async #findListed(id: number, source: Source, digest: Digest) {
    if ((await findBlobUpstream(this.#db, digest)) !== source.upstream) return undefined
    return this.#findListing(id, digest)
  }

  /** An index of the repository that names it as a manifest, and of what type. */
  async #findListing(id: number, digest: Digest) {
    return this.#db
      .selectFrom('manifest_children')
      .innerJoin('images', 'images.digest', 'manifest_children.manifest')
      .select(['manifest_children.media_type', 'images.first_fetched_at', 'images.last_pulled_at'])
      .where('manifest_children.child', '=', digest)
      .where('images.repository_id', '=', id)
      .where('images.media_type', 'in', [...indexTypes])
      .where('manifest_children.media_type', 'in', [...manifestTypes])
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
