import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/**
 * The id of the last batch; since which hour there are hours; since which there is anything. Times are hours
 * since 1970, and a day's first.
 */
export type LedgerMark = 'batch' | 'hours-since' | 'days-since'

/** 0 where it was never set. */
export async function readMark(db: Kysely<Schema>, name: LedgerMark): Promise<number> {
  const row = await db
    .selectFrom('ledger_marks')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.value ?? 0
}

export async function setMark(db: Kysely<Schema>, name: LedgerMark, value: number): Promise<void> {
  await db
    .insertInto('ledger_marks')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
