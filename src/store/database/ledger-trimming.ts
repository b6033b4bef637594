import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { LedgerBounds } from '../ledger-records.ts'
import type { DayCount } from './ledger-days.ts'
import { hourlyLevel, ledgerLevels, startOfBlock, startOfDay } from './ledger-levels.ts'
import { type LedgerMark, readMark, setMark } from './ledger-marks.ts'
import { hourOf } from './ledger-rows.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 500
const hoursOfDay = 24

/** See LedgerRecords. What is to go doesn't count any more before the first of it has gone. */
export async function trimLedger(
  db: Kysely<Schema>,
  { hoursBefore, daysBefore, most }: LedgerBounds,
  countDays: () => Promise<readonly DayCount[]>,
): Promise<number> {
  await raiseMark(db, 'hours-since', startOfDay(hourOf(hoursBefore)))
  await raiseMark(db, 'days-since', startOfDay(hourOf(daysBefore)))
  const removed = await removeOld(db)
  const first = findFirstOf(await countDays(), most)
  if (first === undefined) return removed
  await raiseMark(db, 'days-since', first)
  return removed + (await removeOld(db))
}

/** The day with which the newest `most` rows begin; undefined where there are no more. */
function findFirstOf(days: readonly DayCount[], most: number): number | undefined {
  let left = most
  for (const { hour, rows } of days.toReversed()) {
    left -= rows
    if (left < 0) return hour + hoursOfDay
  }
  return undefined
}

async function raiseMark(db: Kysely<Schema>, name: LedgerMark, value: number): Promise<void> {
  if (value > (await readMark(db, name))) await setMark(db, name, value)
}

async function removeOld(db: Kysely<Schema>): Promise<number> {
  const hoursSince = await readMark(db, 'hours-since')
  const daysSince = await readMark(db, 'days-since')
  let removed = 0
  for (const level of ledgerLevels) {
    const before = level === hourlyLevel ? Math.max(hoursSince, daysSince) : daysSince
    removed += await removeInPages(() => removeRows(db, level.number, before))
  }
  for (const table of ['ledger_parties', 'ledger_images'] as const) {
    await removeInPages(() => removeNames(db, table, startOfBlock(daysSince)))
  }
  return removed
}

/** Page by page until one isn't full; requests are served between them. */
async function removeInPages(remove: () => Promise<number>): Promise<number> {
  let removed = 0
  for (;;) {
    const page = await remove()
    removed += page
    if (page < removedAtOnce) return removed
    await setImmediate()
  }
}

async function removeRows(db: Kysely<Schema>, level: number, before: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ledger where (level, hour, party, image, outcome) in (
      select level, hour, party, image, outcome from ledger
      where level = ${level} and hour < ${before} limit ${removedAtOnce})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** No row has them: each would count for a later hour than their last block. */
async function removeNames(
  db: Kysely<Schema>,
  table: 'ledger_parties' | 'ledger_images',
  before: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ${sql.table(table)} where id in (
      select id from ${sql.table(table)} where last_hour < ${before} limit ${removedAtOnce})`.execute(
    db,
  )
  return Number(numAffectedRows ?? 0)
}
