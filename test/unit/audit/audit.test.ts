import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AuditEvent } from '../../../src/audit/any-audit.ts'
import { Audit } from '../../../src/audit/audit.ts'
import { noteFromCommand } from '../../../src/audit/note-from-command.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const push = { who: 'alice', from: '10.0.0.1', what: 'push', subject: 'a:1', result: 'ok' } as const

let directory: TemporaryDirectory
let stores: Stores
let audit: Audit
let told: string[]
let now: number

const onError = (_error: unknown, what: string) => void told.push(what)
const open = () => openStores(directory.path, { onError, onFault, onRecovered: () => {} })
const onFault = (message: string) => void told.push(message)

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  told = []
  now = Date.UTC(2026, 10, 22)
  stores = await open()
  audit = new Audit({ records: stores.audit, lines: stores.auditLines, now: () => now, onError })
})
afterEach(async () => {
  await audit.close()
  await stores.close()
  await directory.remove()
})

const note = (event: Partial<AuditEvent> = {}) => audit.note({ ...push, at: now, ...event })
const listRows = () => stores.audit.listAudit({}, { after: 0, limit: 20_000 })
const readLines = async () => {
  const folder = join(directory.path, 'audit')
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  )
  return texts
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Another program's hands on the database. */
const alterDatabase = (statement: string) => {
  const driver = new SqliteDriver(join(directory.path, 'entrepot.db'))
  driver.exec(statement)
  driver.close()
}

test('what is noted is a row and a line within a second', async () => {
  note()
  note({ from: undefined, what: 'configure', detail: 'upstreams' })
  await vi.waitFor(async () => expect(await listRows()).toHaveLength(2), 1_000)
  await vi.waitFor(async () => expect(await readLines()).toHaveLength(2), 1_000)
  expect(await listRows()).toMatchObject([{ ...push, times: 1 }, { what: 'configure' }])
  expect((await readLines())[0]).toEqual({ ...push, at: '2026-11-22T00:00:00.000Z', times: 1 })
})

test('what happens again counts in its row at once, and in one more line after its minute', async () => {
  note()
  await vi.waitFor(async () => expect(await readLines()).toHaveLength(1), 2_000)
  for (const _ of [1, 2, 3]) note({ at: now + 30_000 })
  await vi.waitFor(async () => expect(await listRows()).toMatchObject([{ times: 4 }]), 2_000)
  expect(await readLines()).toHaveLength(1)
  now += 60_000
  await vi.waitFor(async () => expect(await readLines()).toHaveLength(2), 2_000)
  expect((await readLines())[1]).toMatchObject({ times: 3, until: '2026-11-22T00:00:30.000Z' })
})

test('closing writes what is left', async () => {
  for (let number = 0; number < 350; number++) note({ subject: `a:${number}` })
  note({ subject: 'a:0' })
  await audit.close()
  expect(await listRows()).toHaveLength(350)
  expect(await readLines()).toHaveLength(350)
  expect(told).toEqual([])
})

test('what the database does not take is told once, waits, and is written when it does', {
  timeout: 20_000,
}, async () => {
  alterDatabase('alter table audit rename to moved')
  note()
  await vi.waitFor(() => expect(told).toHaveLength(1), 2_000)
  expect(told[0]).toContain("the audit's records can't be written")
  await vi.waitFor(async () => expect(await readLines()).toHaveLength(1), 2_000)
  note({ subject: 'a:2' })
  alterDatabase('alter table moved rename to audit')
  await vi.waitFor(async () => expect(await listRows()).toHaveLength(2), 10_000)
  expect([told.length, (await readLines()).length]).toEqual([1, 2])
})

test('what the folder does not take waits for it too, and the rows are there all the same', {
  timeout: 20_000,
}, async () => {
  const folder = join(directory.path, 'audit')
  await writeFile(folder, 'in the way')
  note()
  await vi.waitFor(() => expect(told).toHaveLength(1), 2_000)
  expect(await listRows()).toHaveLength(1)
  await rm(folder)
  await mkdir(folder)
  await vi.waitFor(async () => expect(await readLines()).toHaveLength(1), 10_000)
  expect([told.length, (await listRows()).length]).toEqual([1, 1])
})

test('what there is no room for is counted, and one record says how much it was', {
  timeout: 20_000,
}, async () => {
  alterDatabase('alter table audit rename to moved')
  for (let number = 0; number < 10_007; number++) note({ subject: `a:${number}` })
  await vi.waitFor(() => expect(told).toHaveLength(1), 2_000)
  alterDatabase('alter table moved rename to audit')
  await vi.waitFor(async () => expect(await listRows()).toHaveLength(10_001), 15_000)
  const last = (await listRows()).at(-1)
  expect(last).toMatchObject({ what: 'lost', result: 'failed' })
  expect(last?.detail).toMatch(/^7 records are missing/)
})

test('what was lost is told also by an audit that ends then', async () => {
  alterDatabase('alter table audit rename to moved')
  for (let number = 0; number < 10_001; number++) note({ subject: `a:${number}` })
  await vi.waitFor(() => expect(told).toHaveLength(1), 2_000)
  alterDatabase('alter table moved rename to audit')
  await audit.close()
  expect((await listRows()).at(-1)?.detail).toMatch(/^1 record is missing/)
  expect(await readLines()).toHaveLength(10_001)
  expect(told).toHaveLength(1)
})

test('an audit that ends without having written says how much is missing', async () => {
  alterDatabase('drop table audit')
  note()
  await audit.close()
  expect(told.at(-1)).toContain('without the last record,')
})

test('a command beside a server records at once who ran it', async () => {
  const guest = await openStores(
    directory.path,
    { onError, onFault, onRecovered: () => {} },
    { isGuest: true },
  )
  try {
    note()
    await noteFromCommand(guest, { what: 'user-add', subject: 'bob', result: 'ok' })
    expect(await listRows()).toMatchObject([{ who: 'operator', what: 'user-add', subject: 'bob' }])
    expect((await listRows())[0]?.detail).toMatch(/^by .+ on the command line$/)
  } finally {
    await guest.close()
  }
})
