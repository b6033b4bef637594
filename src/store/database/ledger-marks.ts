import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** The id of the last batch, and since when there is what: see KnownHours. */
export type LedgerMark = 'batch' | 'hours-since' | 'days-since'

export type LedgerMarks = {
  readonly batch: number
  readonly hoursSince: number
  readonly daysSince: number
}

/** 0 where one was never set. */
export async function readMarks(db: Kysely<Schema>): Promise<LedgerMarks> {
  const rows = await db.selectFrom('ledger_marks').selectAll().execute()
  const read = (mark: LedgerMark) => rows.find(({ name }) => name === mark)?.value ?? 0
  return {
    batch: read('batch'),
    hoursSince: read('hours-since'),
    daysSince: read('days-since'),
  }
}

export async function setMark(db: Kysely<Schema>, name: LedgerMark, value: number): Promise<void> {
  await db
    .insertInto('ledger_marks')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
