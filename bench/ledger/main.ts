// What the ledger of a year takes, of 10,000 images pulled by 500 clients 6,000 times a day: `npm run
// bench:ledger`. The database is to be below 200 MB, and each of five reports over the whole year below
// 300 ms at the median.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import type { LedgerQuery, LedgerRecords, LedgerRow } from '../../src/store/ledger-records.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { watchOwnLoop } from '../loop-delays.ts'
import { summarize } from '../statistics.ts'
import { createTemporaryDirectory } from '../temporary-directory.ts'
import { hourMs, Traffic } from './traffic.ts'

const dayMs = 24 * hourMs
/** No first of anything. */
const start = Date.UTC(2025, 5, 10)
const days = 365
const end = start + days * dayMs
const keptHoursMs = 30 * dayMs
const rounds = 7
const goals = { bytes: 200e6, reportMs: 300, loopMs: 50 }
const levelNames: Readonly<Record<number, string>> = {
  1: 'hours, of all',
  2: 'days, of all',
  3: 'hours, by upstream',
  4: 'days, by upstream',
  5: 'weeks, by client',
  6: 'weeks, by image',
  7: 'quarters, by client',
  8: 'quarters, by image',
}

const say = (what: string, ...values: readonly string[]) => {
  process.stdout.write(`${what.padEnd(46)} ${values.join(', ')}\n`)
}
const verdict = (isMet: boolean, wanted: string): string => {
  if (!isMet) process.exitCode = 1
  return isMet ? `met: ${wanted}` : `MISSED: ${wanted}`
}
const open = (folder: string) =>
  openStores(folder, {
    onError: (error, what) => {
      throw new Error(what, { cause: error })
    },
    onFault: (message) => {
      throw new Error(message)
    },
    onRecovered: () => {},
  })

/** How long it took, and how long the event loop was held meanwhile. */
const time = async (act: () => Promise<unknown>) => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  using loop = watchOwnLoop()
  const startedAt = performance.now()
  await act()
  const tookMs = performance.now() - startedAt
  await new Promise((resolve) => setTimeout(resolve, 20))
  return { tookMs, loopMs: loop.readMaxMs() }
}

const writeYear = async (ledger: LedgerRecords, traffic: Traffic) => {
  const startedAt = performance.now()
  let pulls = 0
  for (let at = start; at < end; at += hourMs) {
    const rows = traffic.ofHour(at)
    pulls += rows.reduce((sum, { counters }) => sum + (counters.pulls ?? 0), 0)
    await ledger.addTraffic({ id: (at - start) / hourMs + 1, rows })
    if (at % dayMs !== 0) continue
    await ledger.trimTraffic({ hoursBefore: at - keptHoursMs, daysBefore: 0, most: 100_000_000 })
  }
  const seconds = (performance.now() - startedAt) / 1000
  say('a year of pulls', `${pulls} written in ${seconds.toFixed(0)} s`)
}

const weigh = async (file: string) => {
  const driver = new SqliteDriver(file, { readonly: true })
  const levels = driver
    .prepare<unknown[], { level: number; rows: number }>(
      'select level, count(*) as rows from ledger group by level',
    )
    .all()
  const used = driver.prepare<unknown[], { bytes: number; full: number }>(
    "select sum(pgsize) as bytes, sum(payload) as full from dbstat where name = 'ledger'",
  )
  const total = levels.reduce((sum, { rows }) => sum + rows, 0)
  for (const { level, rows } of levels) say(`rows: ${levelNames[level]}`, `${rows}`)
  const { bytes = 0, full = 0 } = used.get() ?? {}
  say(
    'rows in all',
    `${total} x ${(bytes / total).toFixed(1)} bytes = ${(bytes / 1e6).toFixed(1)} MB`,
    `${(full / total).toFixed(1)} bytes of each its own`,
  )
  driver.close()
  const { size } = await stat(file)
  const megabytes = `${(size / 1e6).toFixed(1)} MB, ${(size / total).toFixed(1)} bytes a row`
  say('the database, closed', megabytes, verdict(size < goals.bytes, 'below 200 MB'))
}

const report = async (
  ledger: LedgerRecords,
  name: string,
  { isGoal = false, ...query }: Partial<LedgerQuery> & { isGoal?: boolean },
) => {
  const times: number[] = []
  let [count, loopMs] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    const measured = await time(async () => {
      const asked = { since: start, until: end, by: [], where: {}, ...query }
      count = (await ledger.sumTraffic(asked)).sums.length
    })
    times.push(measured.tookMs)
    loopMs = Math.max(loopMs, measured.loopMs)
  }
  const { median } = summarize(times)
  say(
    name,
    `${count} sums in ${median.toFixed(0)} ms (first ${times[0]?.toFixed(0)})`,
    `loop held ${loopMs.toFixed(1)} ms`,
    ...(isGoal ? [verdict(median < goals.reportMs, 'below 300 ms')] : []),
  )
}

const reportAll = async (ledger: LedgerRecords) => {
  for (const by of ['image', 'client', 'upstream', 'day', 'outcome'] as const) {
    await report(ledger, `by ${by}, the year`, { by: [by], isGoal: true })
  }
  const since = start + 11 * dayMs + 5 * hourMs
  for (const by of ['image', 'client', 'upstream'] as const) {
    await report(ledger, `by ${by}, from the 12th day on`, {
      by: [by],
      since,
      until: end - 13 * dayMs,
    })
  }
  await report(ledger, 'by image and outcome, the year', { by: ['image', 'outcome'] })
  await report(ledger, 'by upstream and hour, the year', { by: ['upstream', 'hour'] })
  const month = { since: end - 60 * dayMs, until: end - 30 * dayMs }
  await report(ledger, 'by client and image, a month', { by: ['client', 'image'], ...month })
  await report(ledger, 'by image and day, a month', { by: ['image', 'day'], ...month })
  const where = { client: ['10.3.7.17'] }
  await report(ledger, 'by image of one client, the year', { by: ['image'], where })
  const image = { upstream: ['docker.io'], repository: ['team-0/service-0'] }
  await report(ledger, 'by client of one repository, the year', { by: ['client'], where: image })
}

const addBatches = async (
  ledger: LedgerRecords,
  what: string,
  { makeRows, firstId }: { makeRows: () => LedgerRow[]; firstId: number },
) => {
  const times: number[] = []
  let loopMs = 0
  for (let round = 0; round < rounds; round++) {
    const rows = makeRows()
    const measured = await time(() => ledger.addTraffic({ id: firstId + round, rows }))
    times.push(measured.tookMs)
    loopMs = Math.max(loopMs, measured.loopMs)
  }
  const { median } = summarize(times)
  const isMet = verdict(loopMs < goals.loopMs, 'below 50 ms')
  say(what, `${median.toFixed(1)} ms`, `loop held ${loopMs.toFixed(1)} ms`, isMet)
}

const addAll = async (ledger: LedgerRecords, traffic: Traffic) => {
  const known = (size: number) => () => {
    const rows: LedgerRow[] = []
    while (rows.length < size) rows.push(...traffic.ofPull(end))
    return rows
  }
  let made = 0
  const unknown = () => known(2_000)().map((row) => ({ ...row, tag: `new-${made++}` }))
  await addBatches(ledger, 'a batch of 100 rows', { makeRows: known(100), firstId: 1e6 })
  await addBatches(ledger, 'a batch of 2,000', { makeRows: known(2_000), firstId: 2e6 })
  await addBatches(ledger, 'a batch of 2,000 new images', { makeRows: unknown, firstId: 3e6 })
}

using directory = createTemporaryDirectory()
const traffic = new Traffic(8)
const written = await open(directory.path)
await writeYear(written.ledger, traffic)
await written.close()
await weigh(join(directory.path, 'entrepot.db'))
const stores = await open(directory.path)
try {
  await reportAll(stores.ledger)
  await addAll(stores.ledger, traffic)
} finally {
  await stores.close()
}
