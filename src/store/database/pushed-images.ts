import type { Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource } from '../../oci/source.ts'
import type {
  Lack,
  Need,
  Push,
  PushedImage,
  PushedRecord,
  Refusal,
  Tagged,
  Tagging,
} from '../hosted-records.ts'
import { insertBlob } from './blob-records.ts'
import type { Database } from './database.ts'
import { insertImage, insertManifest } from './image-rows.ts'
import { findLacking, findRefusal, findTag } from './push-refusal.ts'
import type { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'

/** Which repository has which pushed image, and under which tags. */
export class PushedImages {
  readonly #database: Database
  readonly #ids: RepositoryIds

  constructor(database: Database, ids: RepositoryIds) {
    this.#database = database
    this.#ids = ids
  }

  async findLacking(repository: Repository, needs: readonly Need[]): Promise<readonly Lack[]> {
    return findLacking(this.#database.queries, await this.#findId(repository), needs)
  }

  async record(repository: Repository, push: Push): Promise<Refusal | undefined> {
    const source = ownSource(repository)
    const { image, tags } = push
    const { pushedAt, annotations } = image
    const row = { ...image, firstFetchedAt: pushedAt }
    return this.#database.durably(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      const refusal = await findRefusal(transaction, id, push)
      if (refusal) return refusal
      await insertBlob(transaction, { ...row, upstream: source.upstream })
      await insertManifest(transaction, row, annotations)
      await insertImage(transaction, id, row)
      await notePushed(transaction, id, image)
      await noteHosted(transaction, id, pushedAt)
      for (const tag of tags) await pointTag(transaction, { id, tag, image })
      return undefined
    })
  }

  async find(repository: Repository, digest: Digest): Promise<PushedRecord | undefined> {
    const id = await this.#findId(repository)
    if (id === undefined) return undefined
    const row = await this.#database.queries
      .selectFrom('images')
      .innerJoin('manifests', 'manifests.digest', 'images.digest')
      .select(['images.media_type', 'manifests.size_bytes'])
      .where('images.repository_id', '=', id)
      .where('images.digest', '=', digest)
      .executeTakeFirst()
    return row && { mediaType: row.media_type, sizeBytes: row.size_bytes }
  }

  async remove(repository: Repository, digest: Digest): Promise<readonly Tag[] | undefined> {
    const id = await this.#findId(repository)
    if (id === undefined) return undefined
    return this.#database.durably(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('images')
        .where('repository_id', '=', id)
        .where('digest', '=', digest)
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) return undefined
      const tags = await transaction
        .deleteFrom('tags')
        .where('repository_id', '=', id)
        .where('digest', '=', digest)
        .returning('tag')
        .execute()
      return tags.map(({ tag }) => tag as Tag)
    })
  }

  async findTag(repository: Repository, tag: Tag): Promise<Digest | undefined> {
    const id = await this.#findId(repository)
    if (id === undefined) return undefined
    return findTag(this.#database.queries, id, tag)
  }

  async tag(
    repository: Repository,
    { digest, tag, isFixed, at }: Tagging,
  ): Promise<Tagged | undefined> {
    const id = await this.#findId(repository)
    if (id === undefined) return undefined
    return this.#database.durably(async (transaction) => {
      const image = await transaction
        .selectFrom('images')
        .select('digest')
        .where('repository_id', '=', id)
        .where('digest', '=', digest)
        .executeTakeFirst()
      if (!image) return undefined
      const before = await findTag(transaction, id, tag)
      const isFree = !isFixed || before === undefined
      if (isFree) await pointTag(transaction, { id, tag, image: { digest, pushedAt: at } })
      return { before }
    })
  }

  async removeTag(repository: Repository, tag: Tag): Promise<boolean> {
    const id = await this.#findId(repository)
    if (id === undefined) return false
    const { numDeletedRows } = await this.#database.durably((transaction) =>
      transaction
        .deleteFrom('tags')
        .where('repository_id', '=', id)
        .where('tag', '=', tag)
        .executeTakeFirstOrThrow(),
    )
    return numDeletedRows > 0n
  }

  #findId(repository: Repository): Promise<number | undefined> {
    return this.#ids.find(this.#database.queries, ownSource(repository))
  }
}

async function notePushed(
  db: Transaction<Schema>,
  id: number,
  { digest, pushedAt }: PushedImage,
): Promise<void> {
  await db
    .updateTable('images')
    .set({ pushed_at: pushedAt })
    .where('repository_id', '=', id)
    .where('digest', '=', digest)
    .execute()
}

async function noteHosted(db: Transaction<Schema>, id: number, at: number): Promise<void> {
  await db
    .updateTable('repositories')
    .set({ hosted_since: at })
    .where('id', '=', id)
    .where('hosted_since', 'is', null)
    .execute()
}

async function pointTag(
  db: Transaction<Schema>,
  { id, tag, image }: { id: number; tag: Tag; image: Pick<PushedImage, 'digest' | 'pushedAt'> },
): Promise<void> {
  const row = { digest: image.digest, checked_at: image.pushedAt, gone_at: null }
  await db
    .insertInto('tags')
    .values({ repository_id: id, tag, ...row })
    .onConflict((conflict) => conflict.columns(['repository_id', 'tag']).doUpdateSet(row))
    .execute()
}
