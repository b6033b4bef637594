import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { copyDatabase } from '../../src/store/database/copy-database.ts'
import type { Database } from '../../src/store/database/database.ts'
import { isDatabaseDamage } from '../../src/store/database/database-damage.ts'
import { DatabaseFile } from '../../src/store/database/database-file.ts'
import { migrate, newestVersion } from '../../src/store/database/migrations/index.ts'
import { SnapshotFolder } from '../../src/store/database/snapshot-folder.ts'
import { formatSnapshotName } from '../../src/store/database/snapshot-name.ts'
import { Snapshots } from '../../src/store/database/snapshots.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { unlessMissing } from '../../src/store/file/unless-missing.ts'
import { damageTable } from '../support/damage-table.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const timeout = 30_000
const hourMs = 3_600_000
const start = Date.parse('2026-11-22T03:00:00Z')
const nameAt = (at: number) => formatSnapshotName(newestVersion, at)

let directory: TemporaryDirectory
let database: Database
let now = start
let folder: SnapshotFolder
const errors: string[] = []
const running: Snapshots[] = []

beforeEach(async () => {
  now = start
  directory = await makeTemporaryDirectory()
  const file = join(directory.path, 'entrepot.db')
  database = openSqlite(file)
  await migrate(database.queries)
  folder = new SnapshotFolder(directory.path, file, () => now)
})

afterEach(async () => {
  for (const snapshots of running.splice(0)) await snapshots.close()
  vi.useRealTimers()
  await database.queries.destroy()
  await directory.remove()
  errors.splice(0)
})

const files = async () => {
  const all = await unlessMissing(readdir(join(directory.path, 'snapshots')))
  return (all ?? []).filter((name) => !name.includes('.partial'))
}

/** In real time, whichever timers are faked. */
const eventually = async (check: () => Promise<boolean> | boolean) => {
  const until = performance.now() + 10_000
  while (!(await check()) && performance.now() < until) await sleep(5)
}

const run = () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const onError = (_error: unknown, what: string) => errors.push(what)
  const snapshots = new Snapshots({ folder, version: newestVersion, now: () => now, onError })
  running.push(snapshots)
  return snapshots
}

/** Moves both clocks; a snapshot that is begun takes its own time. */
const pass = async (ms: number) => {
  now += ms
  await vi.advanceTimersByTimeAsync(ms)
}

/** Some steps' worth. */
const fillMuch = async () => {
  await sql`create table filling (bytes blob)`.execute(database.queries)
  await sql`with recursive n (n) as (select 1 union all select n + 1 from n where n < 40)
    insert into filling select randomblob(1000000) from n`.execute(database.queries)
}

const addTwo = () =>
  sql`insert into blobs (digest, size_bytes, upstream, first_fetched_at, last_accessed_at)
    values ('sha256:' || lower(hex(randomblob(32))), 1, '', 0, 0), ('sha256:' || lower(hex(randomblob(32))), 1, '', 0, 0)`.execute(
    database.queries,
  )

const count = (file: string) => {
  const copy = DatabaseFile.open(file)
  copy.check()
  const { blobs } = copy.count()
  copy.close()
  return blobs
}

test('what is copied is what was there at one moment, however much is written meanwhile', {
  timeout,
}, async () => {
  await fillMuch()
  await addTwo()
  const to = join(directory.path, 'copy.db')
  let isCopied = false
  const copying = copyDatabase(join(directory.path, 'entrepot.db'), to).then(() => {
    isCopied = true
  })
  let writes = 0
  for (; !isCopied; writes++) {
    await addTwo()
    await new Promise(setImmediate)
  }
  await copying

  expect(writes).toBeGreaterThan(10)
  const copied = count(to)
  expect(copied).toBeGreaterThanOrEqual(2)
  expect(copied).toBeLessThan(2 + 2 * writes)
  expect(copied % 2).toBe(0)
  expect(await readdir(directory.path)).not.toContain('copy.db-wal')
})

test('a copy that is broken off leaves nothing', { timeout }, async () => {
  await fillMuch()
  const stopping = new AbortController()
  const to = join(directory.path, 'copy.db')
  const copying = copyDatabase(join(directory.path, 'entrepot.db'), to, stopping.signal)
  const failed = expect(copying).rejects.toThrow('enough')
  await eventually(async () => (await readdir(directory.path)).includes('copy.db'))
  expect((await stat(to)).isFile()).toBe(true)
  stopping.abort(new Error('enough'))

  await failed
  expect((await readdir(directory.path)).filter((name) => name.startsWith('copy'))).toEqual([])
})

test('one is taken a day, however often the server restarts', { timeout }, async () => {
  run()
  await pass(60_000)
  await eventually(async () => (await files()).length > 0)
  expect(await files()).toEqual([nameAt(start + 60_000)])
  for (let restart = 0; restart < 23; restart++) {
    await running.pop()?.close()
    run()
    await pass(hourMs)
  }
  expect(await files()).toHaveLength(1)

  // A look takes its own time, and the next is set only then.
  await eventually(async () => {
    await pass(5 * 60_000)
    return (await files()).length > 1
  })
  expect(await files()).toHaveLength(2)
  expect(errors).toEqual([])
})

test('three are kept, the newest', { timeout }, async () => {
  for (let day = 0; day < 5; day++) {
    await folder.take(newestVersion)
    now += 24 * hourMs
  }
  const days = [2, 3, 4].map((day) => nameAt(start + day * 24 * hourMs))
  expect(await files()).toEqual(days)
  expect((await folder.list()).map(({ file }) => file)).toEqual(days.toReversed())
})

test('a clock that was ahead once holds none up', { timeout }, async () => {
  for (const year of ['2031', '2032', '2033']) {
    now = Date.parse(`${year}-01-01T00:00:00Z`)
    await folder.take(newestVersion)
  }
  now = start
  await folder.take(newestVersion)
  expect((await folder.list())[0]?.file).toBe(nameAt(start))
  expect(await files()).toHaveLength(3)
})

test('a damaged database takes the place of no older snapshot', { timeout }, async () => {
  await addTwo()
  await folder.take(newestVersion)
  await database.queries.destroy()
  const file = join(directory.path, 'entrepot.db')
  await damageTable(file, 'tags')
  for (let day = 0; day < 3; day++) {
    now += 24 * hourMs
    const error = await folder.take(newestVersion).catch((thrown) => thrown)
    expect(isDatabaseDamage(error)).toBe(true)
  }
  expect(await readdir(join(directory.path, 'snapshots'))).toEqual([nameAt(start)])
  expect(count(join(directory.path, 'snapshots', nameAt(start)))).toBe(2)
})

test('one that fails is said and tried again in an hour', { timeout }, async () => {
  await writeFile(join(directory.path, 'snapshots'), 'no folder')
  run()
  await pass(60_000)
  await eventually(() => errors.length > 0)
  await pass(59 * 60_000)
  expect(errors).toHaveLength(1)
  await pass(60_000)
  await eventually(() => errors.length > 1)
  expect(errors).toHaveLength(2)
})

test('what a killed one left is removed by the next', { timeout }, async () => {
  await folder.take(newestVersion)
  const left = join(directory.path, 'snapshots', `${nameAt(start - hourMs)}.partial-journal`)
  await writeFile(left, 'half')
  now += 24 * hourMs
  await folder.take(newestVersion)
  expect(await files()).toEqual([nameAt(start), nameAt(now)])
})
