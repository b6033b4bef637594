import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Checkpoints } from '../../src/store/database/checkpoints.ts'
import type { Database } from '../../src/store/database/database.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

/** What is found out of files, under way or done. */
const stats: Promise<unknown>[] = vi.hoisted(() => [])

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>()
  const stat = (path: string) => {
    const found = original.stat(path)
    stats.push(Promise.allSettled([found]))
    return found
  }
  return { ...original, stat }
})

const mib = 1024 * 1024
const lookEveryMs = 5_000

let directory: TemporaryDirectory
let file: string
let database: Database
const failures: unknown[] = []

beforeEach(async () => {
  // Only when it is looked: what is done then takes the time that it takes.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  directory = await makeTemporaryDirectory()
  file = join(directory.path, 'entrepot.db')
  database = openSqlite(file)
  await sql`create table filling (bytes blob)`.execute(database.queries)
})

afterEach(async () => {
  vi.useRealTimers()
  await database.queries.destroy()
  await directory.remove()
  expect(failures.splice(0)).toEqual([])
})

const fill = (bytes: number) =>
  sql`insert into filling values (randomblob(${bytes}))`.execute(database.queries)

const sizeOf = async (path: string) => (await stat(path)).size

const look = () => vi.advanceTimersByTime(lookEveryMs)

/** The same, where it finds nothing to do. */
const lookInVain = async () => {
  look()
  await Promise.all(stats)
  await setImmediate()
}

test('a long log is brought over while the database is used, by another thread', async () => {
  for (let written = 0; written < 12; written++) await fill(mib)
  expect(await sizeOf(file)).toBeLessThan(mib)
  const threads: Worker[] = []
  const collect = (worker: Worker) => void threads.push(worker)
  process.on('worker', collect)
  onTestFinished(() => void process.off('worker', collect))

  const checkpoints = new Checkpoints(file, (error) => failures.push(error))
  const [[thread]] = (await Promise.all([once(process, 'worker'), look()])) as [[Worker], unknown]
  await once(thread, 'exit')
  expect(await sizeOf(file)).toBeGreaterThan(12 * mib)
  // Nothing is written, so nothing is left to do; then the log begins anew, and is short.
  await lookInVain()
  await fill(mib)
  expect(await sizeOf(`${file}-wal`)).toBeLessThan(8 * mib)
  await lookInVain()
  await checkpoints.close()
  expect(threads).toHaveLength(1)
})

test('where none can be made it is said once', async () => {
  const gone = join(directory.path, 'gone.db')
  await writeFile(`${gone}-wal`, Buffer.alloc(9 * mib))
  const said: string[] = []
  const told = Promise.withResolvers<void>()
  const checkpoints = new Checkpoints(gone, (_, what) => {
    said.push(what)
    told.resolve()
  })
  look()
  await told.promise
  await setImmediate()
  look()
  await checkpoints.close()
  expect(said).toEqual(["the database's log can't be shortened"])
})
