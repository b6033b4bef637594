import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { openSqlite, type SqliteDatabase } from '../../src/store/database/sqlite-database.ts'
import {
  counterNames,
  LedgerBusyError,
  type LedgerQuery,
  type LedgerRecords,
  LedgerSizeError,
  maxLedgerSums,
} from '../../src/store/ledger-records.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { addUp, byKey, dayMs, hourMs, makeRows, start } from './ledger-rows.ts'

let directory: TemporaryDirectory
let database: SqliteDatabase
let store: LedgerRecords & { close(): Promise<void> }
const year: LedgerQuery = { since: start, until: start + 366 * dayMs, by: [], where: {} }

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  database = openSqlite(join(directory.path, 'entrepot.db'))
  store = await openMetadataStore(database)
})
afterEach(async () => {
  await store.close()
  await directory.remove()
})

/** So many hours in a row, with nothing in them. */
const fill = (hours: number) =>
  sql`with recursive hours (hour) as (select ${start / hourMs} union all select hour + 1 from hours limit ${hours})
    insert into ledger
      select 3, hour, 0, 1, 0, ${sql.join(counterNames.map(() => 0))} from hours
  `.execute(database.queries)

test('a report with more lines than anyone reads is refused, and the next one made', async () => {
  const hourly = { ...year, until: start + 1e6 * hourMs, by: ['hour'] } as const
  await fill(maxLedgerSums + 1)
  await expect(store.sumTraffic(hourly)).rejects.toThrow(LedgerSizeError)
  const day = await store.sumTraffic({ ...hourly, until: start + dayMs })
  expect(day.sums).toHaveLength(24)
})

test('reports that are asked for at once are each made', async () => {
  const rows = makeRows(100)
  await store.addTraffic({ id: 1, rows })
  const asked = (['client', 'image', 'day', 'outcome'] as const).map((by) => ({
    ...year,
    by: [by],
  }))
  const reports = await Promise.all(asked.map((query) => store.sumTraffic(query)))
  for (const [at, query] of asked.entries()) {
    expect(byKey(reports[at]?.sums ?? [])).toEqual(addUp(rows, query))
  }
})

test('more reports at once than are worth waiting for are refused', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 60 }, () => store.sumTraffic(year)))
  const refused = asked.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(10)
  for (const each of refused) expect(each).toMatchObject({ reason: new LedgerBusyError() })
})

test('a database that nobody else can open is reported of too', async () => {
  const alone = openSqlite(join(directory.path, 'alone.db'))
  const lonely = await openMetadataStore({ ...alone, sharedFile: undefined })
  try {
    const rows = makeRows(100)
    await lonely.addTraffic({ id: 1, rows })
    const query = { ...year, by: ['repository'] } as const
    expect(byKey((await lonely.sumTraffic(query)).sums)).toEqual(addUp(rows, query))
  } finally {
    await lonely.close()
  }
})

test('a report that is under way when the store closes is broken off', async () => {
  const report = expect(store.sumTraffic(year)).rejects.toThrow('has ended')
  await store.close()
  await report
  store = await openMetadataStore(openSqlite(join(directory.path, 'entrepot.db')))
})

test('what was counted before a report is asked for is in it', async () => {
  const rows = makeRows(40)
  for (const [at, row] of rows.entries()) {
    await store.addTraffic({ id: at + 1, rows: [row] })
    const { sums } = await store.sumTraffic(year)
    expect(byKey(sums)).toEqual(addUp(rows.slice(0, at + 1), year))
  }
})
