import type { Digest } from '../../oci/digest.ts'
import type { Repository } from '../../oci/repository.ts'
import { ownSource, pushedHere } from '../../oci/source.ts'
import type { LinkedBlob, PushedBlob } from '../hosted-records.ts'
import { insertBlob } from './blob-records.ts'
import type { Database } from './database.ts'
import type { RepositoryIds } from './repository-ids.ts'

/** Which repository has which pushed blob. */
export class PushedBlobs {
  readonly #database: Database
  readonly #ids: RepositoryIds

  constructor(database: Database, ids: RepositoryIds) {
    this.#database = database
    this.#ids = ids
  }

  async link(repository: Repository, blobs: readonly LinkedBlob[], at: number): Promise<void> {
    const source = ownSource(repository)
    await this.#database.durably(async (transaction) => {
      const id = await this.#ids.ensure(transaction, source)
      for (const { digest, sizeBytes } of blobs) {
        const { upstream } = source
        const row = { linked_at: at, size_bytes: sizeBytes }
        await insertBlob(transaction, { digest, sizeBytes, upstream, firstFetchedAt: at })
        await transaction
          .insertInto('repository_blobs')
          .values({ repository_id: id, digest, ...row })
          .onConflict((conflict) => conflict.columns(['repository_id', 'digest']).doUpdateSet(row))
          .execute()
      }
    })
  }

  async announce({ digest, sizeBytes }: LinkedBlob, at: number): Promise<void> {
    const blob = { digest, sizeBytes, upstream: pushedHere, firstFetchedAt: at }
    await insertBlob(this.#database.queries, blob)
  }

  async find(repository: Repository, digest: Digest): Promise<PushedBlob | undefined> {
    const { queries } = this.#database
    const id = await this.#ids.find(queries, ownSource(repository))
    if (id === undefined) return undefined
    const row = await queries
      .selectFrom('repository_blobs')
      .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
      .select(['blobs.size_bytes', 'repository_blobs.linked_at'])
      .where('repository_blobs.repository_id', '=', id)
      .where('repository_blobs.digest', '=', digest)
      .executeTakeFirst()
    return row && { sizeBytes: row.size_bytes, linkedAt: row.linked_at ?? 0 }
  }

  async unlink(repository: Repository, digest: Digest): Promise<boolean> {
    const id = await this.#ids.find(this.#database.queries, ownSource(repository))
    if (id === undefined) return false
    const { numDeletedRows } = await this.#database.durably((transaction) =>
      transaction
        .deleteFrom('repository_blobs')
        .where('repository_id', '=', id)
        .where('digest', '=', digest)
        .executeTakeFirstOrThrow(),
    )
    return numDeletedRows > 0n
  }
}
