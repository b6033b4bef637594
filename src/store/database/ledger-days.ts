import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

/** How many rows of the ledger are of one day, at all levels. */
export type DayCount = {
  /** The day's first, since 1970. */
  readonly hour: number
  readonly rows: number
}

/** The oldest day first; what tells of more than a day counts for its first. */
export async function countDays(db: Kysely<Schema>): Promise<readonly DayCount[]> {
  const { rows } = await sql<DayCount>`
    select hour - hour % 24 as hour, count(*) as rows from ledger group by 1 order by 1`.execute(db)
  return rows.map(({ hour, rows: count }) => ({ hour, rows: Number(count) }))
}
