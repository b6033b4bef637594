import { type Kysely, sql } from 'kysely'
import type { LedgerBounds } from '../ledger-records.ts'
import type { DayCount } from './ledger-days.ts'
import { hourlyLevel, ledgerLevels, startOfDay, startOfQuarter } from './ledger-levels.ts'
import { readMarks, setMark } from './ledger-marks.ts'
import { hourOf } from './ledger-rows.ts'
import { removeInPages } from './remove-in-pages.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 500
const hoursOfDay = 24

type Page = { readonly before: number; readonly limit: number }
type Removed = { readonly rows: number; readonly names: number }

/** See LedgerRecords. What is to go doesn't count any more before the first of it has gone. */
export async function trimLedger(
  db: Kysely<Schema>,
  { hoursBefore, daysBefore, most }: LedgerBounds,
  countDays: () => Promise<readonly DayCount[]>,
): Promise<Removed> {
  const { hoursSince, daysSince } = await readMarks(db)
  const hours = Math.max(hoursSince, startOfDay(hourOf(hoursBefore)))
  const days = Math.max(daysSince, startOfDay(hourOf(daysBefore)))
  await setMark(db, 'hours-since', hours)
  const old = await removeBefore(db, { hours, days })
  const first = findFirstOf(await countDays(), most)
  if (first === undefined) return old
  const more = await removeBefore(db, { hours, days: first })
  return { rows: old.rows + more.rows, names: old.names + more.names }
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

async function removeBefore(
  db: Kysely<Schema>,
  { hours, days }: { readonly hours: number; readonly days: number },
): Promise<Removed> {
  await setMark(db, 'days-since', days)
  let [rows, names] = [0, 0]
  for (const level of ledgerLevels) {
    const before = level === hourlyLevel ? Math.max(hours, days) : days
    rows += await removeInPages(removedAtOnce, (limit) =>
      removeRows(db, { level: level.number, before, limit }),
    )
  }
  for (const table of ['ledger_parties', 'ledger_images'] as const) {
    names += await removeInPages(removedAtOnce, (limit) =>
      removeNames(db, table, { before: startOfQuarter(days), limit }),
    )
  }
  return { rows, names }
}

async function removeRows(
  db: Kysely<Schema>,
  { level, before, limit }: Page & { readonly level: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ledger where (level, hour, party, image, outcome) in (
      select level, hour, party, image, outcome from ledger
      where level = ${level} and hour < ${before} limit ${limit})`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** No row has them: each would count for a later hour than their last quarter. */
async function removeNames(
  db: Kysely<Schema>,
  table: 'ledger_parties' | 'ledger_images',
  { before, limit }: Page,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from ${sql.table(table)} where id in (
      select id from ${sql.table(table)} where last_hour < ${before} limit ${limit})`.execute(db)
  return Number(numAffectedRows ?? 0)
}
