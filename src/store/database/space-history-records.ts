import { type Selectable, sql } from 'kysely'
import type {
  SpaceHistoryBounds,
  SpaceHistoryQuery,
  SpaceHistoryRecords,
  SpaceSample,
} from '../space-history-records.ts'
import type { Database } from './database.ts'
import { removeInPages } from './remove-in-pages.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 500
const hourMs = 3_600_000

export class DatabaseSpaceHistoryRecords implements SpaceHistoryRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** What is lost with the power is ten minutes of a line. */
  async recordSpace(sample: SpaceSample): Promise<void> {
    await this.#database.queries.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('space_samples').where('at', '>=', sample.at).execute()
      await transaction
        .insertInto('space_samples')
        .values({
          at: sample.at,
          total_bytes: sample.totalBytes,
          used_bytes: sample.usedBytes,
          hosted_bytes: sample.hostedBytes,
          pinned_bytes: sample.pinnedBytes,
          mirrored_bytes: sample.mirroredBytes,
          reclaimable_bytes: sample.reclaimableBytes,
        })
        .execute()
    })
  }

  async listSpace({ since, stepMs }: SpaceHistoryQuery): Promise<readonly SpaceSample[]> {
    const { queries } = this.#database
    const rows = await queries
      .selectFrom('space_samples')
      .selectAll()
      .where('at', 'in', (where) =>
        where
          .selectFrom('space_samples')
          .select((row) => row.fn.max('at').as('last'))
          .where('at', '>=', since)
          .groupBy(sql`at / ${sql.lit(stepMs)}`),
      )
      .orderBy('at')
      .execute()
    return rows.map(toSample)
  }

  trimSpace({ hourlyBefore, before }: SpaceHistoryBounds): Promise<number> {
    return removeInPages(removedAtOnce, async (limit) => {
      const { queries } = this.#database
      const { numDeletedRows } = await queries
        .deleteFrom('space_samples')
        .where('at', 'in', (where) =>
          where
            .selectFrom('space_samples')
            .select('at')
            .where('at', '<', hourlyBefore)
            .where((row) =>
              row.or([row('at', '<', before), row(sql`at % ${sql.lit(hourMs)}`, '<>', 0)]),
            )
            .limit(limit),
        )
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    })
  }
}

function toSample(row: Selectable<Schema['space_samples']>): SpaceSample {
  return {
    at: row.at,
    totalBytes: row.total_bytes,
    usedBytes: row.used_bytes,
    hostedBytes: row.hosted_bytes,
    pinnedBytes: row.pinned_bytes,
    mirroredBytes: row.mirrored_bytes,
    reclaimableBytes: row.reclaimable_bytes,
  }
}
