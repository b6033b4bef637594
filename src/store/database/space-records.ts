import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type {
  ColdImage,
  ColdPage,
  Evicted,
  EvictionReason,
  EvictionRecords,
  Holders,
  ImageKey,
  ImagePlace,
  OrphanList,
  OrphanPage,
  PinRecords,
  SizedBlob,
  SpaceRecords,
  Usage,
} from '../space-records.ts'
import { batches } from './batches.ts'
import { coldImages, toColdImage } from './cold-images.ts'
import type { Database } from './database.ts'
import { rememberEviction } from './eviction-records.ts'
import { findFreed } from './freed-blobs.ts'
import { findHolders } from './image-holders.ts'
import type { RepositoryIds } from './repository-ids.ts'
import { findUnneeded, forgetUnneeded, listOrphans } from './unneeded-blobs.ts'
import { countForOthers } from './usage-moves.ts'

type Own = Omit<SpaceRecords, keyof EvictionRecords | keyof PinRecords>

const imagesPerLook = 100
/** Of one digest are looked at. */
const mostParents = 500

export class DatabaseSpaceRecords implements Own {
  readonly #database: Database
  readonly #ids: RepositoryIds

  constructor(database: Database, ids: RepositoryIds) {
    this.#database = database
    this.#ids = ids
  }

  async measureUsage(): Promise<readonly Usage[]> {
    const rows = await this.#queries.selectFrom('usage').selectAll().orderBy('upstream').execute()
    return rows.map((row) => ({ ...row, upstream: row.upstream as UpstreamName }))
  }

  async listColdest({ after, before, limit }: ColdPage): Promise<readonly ColdImage[]> {
    const { lastPulledAt = -1, repositoryId = -1, digest = '' } = after ?? {}
    const { rows } = await coldImages(sql`images.last_pulled_at < ${before}
      and (images.last_pulled_at, images.repository_id, images.digest)
        > (${lastPulledAt}, ${repositoryId}, ${digest})
      order by images.last_pulled_at, images.repository_id, images.digest
      limit ${limit}`).execute(this.#queries)
    return rows.map(toColdImage)
  }

  async isPushed(digest: Digest): Promise<boolean> {
    const { rows } = await sql`
      select 1 from repository_blobs where digest = ${digest} and linked_at is not null
      union all
      select 1 from images where digest = ${digest} and pushed_at is not null
      limit 1`.execute(this.#queries)
    return rows.length > 0
  }

  async countColder({ lastPulledAt, repositoryId, digest }: ImagePlace): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from images where pushed_at is null
        and (last_pulled_at, repository_id, digest) < (${lastPulledAt}, ${repositoryId}, ${digest})
    `.execute(this.#queries)
    return rows[0]?.count ?? 0
  }

  async findColdImage(source: Source, digest: Digest): Promise<ColdImage | undefined> {
    const id = await this.#ids.find(this.#queries, source)
    if (id === undefined) return undefined
    const { rows } = await coldImages(
      sql`images.repository_id = ${id} and images.digest = ${digest}`,
    ).execute(this.#queries)
    return rows.map(toColdImage).at(0)
  }

  async listNeeding(digest: Digest, limit: number): Promise<readonly ColdImage[]> {
    const { rows } = await coldImages(sql`(images.repository_id, images.digest) in (
        select repository_id, digest from images as itself where itself.digest = ${digest}
        union
        select * from (select parent.repository_id, parent.digest
          from manifest_children cross join images as parent
          where manifest_children.child = ${digest}
            and parent.digest = manifest_children.manifest limit ${mostParents}) parents)
      order by images.last_pulled_at desc limit ${limit}`).execute(this.#queries)
    return rows.map(toColdImage)
  }

  findHolders(image: ImageKey): Promise<Holders> {
    return findHolders(this.#queries, image)
  }

  async listTagsOfAll(images: readonly ImageKey[]): Promise<readonly (readonly Tag[])[]> {
    const found = new Map<string, Tag[]>()
    for (const batch of batches(images, imagesPerLook)) {
      const keys = batch.map(({ repositoryId, digest }) => sql`(${repositoryId}, ${digest})`)
      const { rows } = await sql<ImageKey & { tag: Tag }>`
        select repository_id as "repositoryId", digest, tag from tags
        where (repository_id, digest) in (values ${sql.join(keys)})
        order by tag`.execute(this.#queries)
      for (const row of rows) found.set(toKey(row), [...(found.get(toKey(row)) ?? []), row.tag])
      await setImmediate()
    }
    return images.map((image) => found.get(toKey(image)) ?? [])
  }

  findFreed(
    image: ImagePlace,
    isGone: (image: ImageKey) => boolean,
  ): Promise<readonly SizedBlob[]> {
    return findFreed(this.#queries, image, isGone)
  }

  async measureImages(manifests: readonly Digest[]): Promise<number> {
    const sizes = new Map<string, number>()
    for (const batch of batches(manifests, imagesPerLook)) {
      const { rows } = await sql<{ digest: string; size: number }>`
        select digest, size_bytes as size from blobs where digest in (
          select child from manifest_children where manifest in (${sql.join(batch)})
          union values ${sql.join(batch.map((digest) => sql`(${digest})`))})`.execute(this.#queries)
      for (const { digest, size } of rows) sizes.set(digest, size)
      await setImmediate()
    }
    return sizes.values().reduce((sum, size) => sum + size, 0)
  }

  evict(image: ColdImage, why: EvictionReason): Promise<Evicted | undefined> {
    const { repositoryId, digest, lastPulledAt } = image
    return this.#queries.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('images')
        .where('repository_id', '=', repositoryId)
        .where('digest', '=', digest)
        .where('last_pulled_at', '=', lastPulledAt)
        .where('pushed_at', 'is', null)
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) return undefined
      const removed = await transaction
        .deleteFrom('tags')
        .where('repository_id', '=', repositoryId)
        .where('digest', '=', digest)
        .returning('tag')
        .execute()
      const tags = removed.map(({ tag }) => tag as Tag)
      const freed = await findFreed(transaction, image, () => false)
      const freedBytes = freed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      await countForOthers(transaction, digest, image.source.upstream)
      await rememberEviction(transaction, { ...image, ...why, tags, freedBytes }, freed)
      return { tags, freed }
    })
  }

  findUnneeded(digests: readonly Digest[], manifest?: Digest): Promise<readonly Digest[]> {
    return findUnneeded(this.#queries, digests, manifest)
  }

  forgetUnneeded(digests: readonly Digest[], manifest?: Digest): Promise<readonly SizedBlob[]> {
    return forgetUnneeded(this.#queries, digests, manifest)
  }

  listOrphans(page: OrphanPage): Promise<OrphanList> {
    return listOrphans(this.#queries, page)
  }

  get #queries() {
    return this.#database.queries
  }
}

function toKey({ repositoryId, digest }: ImageKey): string {
  return `${repositoryId} ${digest}`
}
