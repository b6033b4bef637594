import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

/** How many rows of the ledger there are, at all levels. */
export type LedgerCount = {
  readonly rows: number
  /** The oldest first; none where there are no more rows than are kept. */
  readonly days: readonly DayCount[]
}

export type DayCount = {
  /** The day's first, since 1970. */
  readonly hour: number
  /** What tells of more than a day counts for its first. */
  readonly rows: number
}

/** It reads all of the ledger: not where requests wait for it. */
export async function countDays(db: Kysely<Schema>, most: number): Promise<LedgerCount> {
  const { count } = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) <= most) return { rows: Number(count), days: [] }
  const { rows } = await sql<DayCount>`
    select hour - hour % 24 as hour, count(*) as rows from ledger group by 1 order by 1`.execute(db)
  return {
    rows: Number(count),
    days: rows.map(({ hour, rows: each }) => ({ hour, rows: Number(each) })),
  }
}
