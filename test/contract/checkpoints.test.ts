import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Checkpoints } from '../../src/store/database/checkpoints.ts'
import type { Database } from '../../src/store/database/database.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const mib = 1024 * 1024
/** It is looked every five seconds. */
const timeout = 30_000

let directory: TemporaryDirectory
let file: string
let database: Database
const failures: unknown[] = []

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  file = join(directory.path, 'entrepot.db')
  database = openSqlite(file)
  await sql`create table filling (bytes blob)`.execute(database.queries)
})

afterEach(async () => {
  await database.queries.destroy()
  await directory.remove()
  expect(failures.splice(0)).toEqual([])
})

const fill = (bytes: number) =>
  sql`insert into filling values (randomblob(${bytes}))`.execute(database.queries)

const sizeOf = async (path: string) => (await stat(path)).size

test('a long log is brought over while the database is used, by another thread', {
  timeout,
}, async () => {
  for (let written = 0; written < 12; written++) await fill(mib)
  expect(await sizeOf(file)).toBeLessThan(mib)
  const threads: unknown[] = []
  process.on('worker', (worker) => threads.push(worker))

  const checkpoints = new Checkpoints(file, (error) => failures.push(error))
  await vi.waitFor(async () => expect(await sizeOf(file)).toBeGreaterThan(12 * mib), 15_000)
  // Nothing is written, so nothing is left to do; then the log begins anew, and is short.
  await sleep(6_000)
  await fill(mib)
  expect(await sizeOf(`${file}-wal`)).toBeLessThan(8 * mib)
  await sleep(6_000)
  await checkpoints.close()
  expect(threads).toHaveLength(1)
})

test('where none can be made it is said once', { timeout }, async () => {
  const gone = join(directory.path, 'gone.db')
  await writeFile(`${gone}-wal`, Buffer.alloc(9 * mib))
  const said: string[] = []
  const checkpoints = new Checkpoints(gone, (_, what) => said.push(what))
  await sleep(12_000)
  await checkpoints.close()
  expect(said).toEqual(["the database's log can't be shortened"])
})
