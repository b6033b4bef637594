import type { Kysely, Transaction } from 'kysely'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../at-most.ts'
import { formatSource, type Source } from '../../oci/source.ts'
import type { Schema } from './schema.ts'

type Executor = Kysely<Schema> | Transaction<Schema>

const maxKnown = 10_000

/** The number that stands for a repository in the other tables. Numbers are never reused, so they may be remembered. */
export class RepositoryIds {
  readonly #known = new LRUCache<string, number>(atMost(maxKnown))

  async find(db: Executor, source: Source): Promise<number | undefined> {
    const known = this.#known.get(formatSource(source))
    if (known !== undefined) return known
    const row = await db
      .selectFrom('repositories')
      .select('id')
      .where('upstream', '=', source.upstream)
      .where('name', '=', source.repository)
      .executeTakeFirst()
    if (row) this.#known.set(formatSource(source), row.id)
    return row?.id
  }

  /** Not remembered here: a transaction may yet be rolled back. */
  async ensure(db: Executor, source: Source): Promise<number> {
    const found = await this.find(db, source)
    if (found !== undefined) return found
    const row = await db
      .insertInto('repositories')
      .values({ upstream: source.upstream, name: source.repository })
      .onConflict((conflict) =>
        conflict.columns(['upstream', 'name']).doUpdateSet({ name: source.repository }),
      )
      .returning('id')
      .executeTakeFirstOrThrow()
    return row.id
  }
}
