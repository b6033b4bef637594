import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { up as firstVersion } from '../../src/store/database/migrations/0001-mirror.ts'
import { migrate } from '../../src/store/database/migrations/index.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { testAccessRecords } from './access-records-contract.ts'
import { testAuditRecords } from './audit-records-contract.ts'
import { testBudgetRecords } from './budget-records-contract.ts'
import { testCareRecords } from './care-records-contract.ts'
import { testCatalogRecords } from './catalog-records-contract.ts'
import { testChronicleRecords } from './chronicle-records-contract.ts'
import { testHostedRecords } from './hosted-records-contract.ts'
import { testIntegrityRecords } from './integrity-records-contract.ts'
import { testLedgerRecords } from './ledger-records-contract.ts'
import { testMetadataStore } from './metadata-store-contract.ts'
import { testOverviewRecords } from './overview-records-contract.ts'
import { testSpaceRecords } from './space-records-contract.ts'
import { testUnownedRecords } from './unowned-records-contract.ts'
import { testWebhookRecords } from './webhook-records-contract.ts'

/** Files that were synced, by their names. */
const synced: string[] = vi.hoisted(() => [])

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>()
  const open: typeof original.open = async (path, ...options) => {
    const handle = await original.open(path, ...options)
    const datasync = handle.datasync.bind(handle)
    handle.datasync = async () => {
      await datasync()
      synced.push(String(path))
    }
    return handle
  }
  return { ...original, open }
})

const source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const latest = 'latest' as Tag
const digest = digestOf(Buffer.from('image'))

describe('SQLite', () => {
  /** Migrated once, for all: that takes longer than most of what is tested. */
  const migrated = 'migrated.db'
  let template: TemporaryDirectory
  beforeAll(async () => {
    template = await makeTemporaryDirectory()
    const store = await openMetadataStore(openSqlite(join(template.path, migrated)))
    await store.close()
  })
  afterAll(() => template.remove())

  const makePlace = async () => {
    const directory = await makeTemporaryDirectory()
    const file = join(directory.path, 'entrepot.db')
    await copyFile(join(template.path, migrated), file)
    return { open: () => openMetadataStore(openSqlite(file)), remove: directory.remove }
  }
  testMetadataStore(makePlace)
  testHostedRecords(makePlace)
  testUnownedRecords(makePlace)
  testCatalogRecords(makePlace)
  testOverviewRecords(makePlace)
  testSpaceRecords(makePlace)
  testIntegrityRecords(makePlace)
  testAccessRecords(makePlace)
  testAuditRecords(makePlace)
  testLedgerRecords(makePlace)
  testBudgetRecords(makePlace)
  testCareRecords(makePlace)
  testChronicleRecords(makePlace)
  testWebhookRecords(makePlace)
})

describe('the database file', () => {
  test('may be migrated twice by one run', async () => {
    await using directory = await makeDisposable()
    const { queries: db } = openSqlite(join(directory.path, 'entrepot.db'))
    try {
      await migrate(db)
      await db.insertInto('repositories').values({ upstream: 'docker.io', name: 'a' }).execute()
      await migrate(db)
      expect(await db.selectFrom('repositories').select('name').execute()).toEqual([{ name: 'a' }])
    } finally {
      await db.destroy()
    }
  })

  test('that an earlier version left has all its tags, and none of them is gone', async () => {
    await using directory = await makeDisposable()
    const file = join(directory.path, 'entrepot.db')
    await makeFirstVersion(file)
    const store = await openMetadataStore(openSqlite(file))
    try {
      expect(await store.findTag(source, latest)).toEqual({ digest, checkedAt: 1000 })
      await store.recordTag(source, latest, { digest, checkedAt: 1000, goneAt: 2000 })
      expect(await store.findTag(source, latest)).toMatchObject({ goneAt: 2000 })
    } finally {
      await store.close()
    }
  })

  test('is synced after each commit that must outlast a power failure, and after no other', async () => {
    await using directory = await makeDisposable()
    const file = join(directory.path, 'entrepot.db')
    const database = openSqlite(file)
    const store = await openMetadataStore(database)
    try {
      synced.length = 0
      await store.recordTag(source, latest, { digest, checkedAt: 1000 })
      expect(synced).toEqual([])
      await store.recordSwitch('offline', true)
      expect(synced).toEqual([`${file}-wal`])
      const failing = database.durably(() => Promise.reject(new Error('refused')))
      await expect(failing).rejects.toThrow('refused')
      expect(synced).toHaveLength(1)
    } finally {
      await store.close()
    }
  })

  test('that may not grow says so, and works again once it may', async () => {
    await using directory = await makeDisposable()
    const database = openSqlite(join(directory.path, 'entrepot.db'))
    const store = await openMetadataStore(database)
    try {
      await store.recordTagList(source, { entries: ['a'], fetchedAt: 1000 })
      await sql`pragma max_page_count = 1`.execute(database.queries)
      const large = { entries: ['x'.repeat(1_000_000)], fetchedAt: 2000 }
      const isFull = expect.objectContaining({ code: 'SQLITE_FULL' })
      await expect(store.recordTagList(source, large)).rejects.toThrow(isFull)
      expect(await store.findTagList(source)).toMatchObject({ fetchedAt: 1000 })
      await sql`pragma max_page_count = 1000000`.execute(database.queries)
      await store.recordTagList(source, large)
      expect(await store.findTagList(source)).toEqual(large)
    } finally {
      await store.close()
    }
  })

  test('may be read by two at once', async () => {
    await using directory = await makeDisposable()
    const file = join(directory.path, 'entrepot.db')
    const first = await openMetadataStore(openSqlite(file))
    const second = await openMetadataStore(openSqlite(file))
    try {
      await expect(Promise.all([first.ping(), second.ping()])).resolves.toHaveLength(2)
    } finally {
      await first.close()
      await second.close()
    }
  })

  test('that is none is refused', async () => {
    await using directory = await makeDisposable()
    const file = join(directory.path, 'entrepot.db')
    await writeFile(file, 'not a database, and long enough to be read as one. '.repeat(100))
    await expect(async () => openMetadataStore(openSqlite(file))).rejects.toThrow()
  })
})

/** As 0001 left it, with a tag. */
async function makeFirstVersion(file: string): Promise<void> {
  const { queries } = openSqlite(file)
  const provider = { getMigrations: async () => ({ '0001-mirror': { up: firstVersion } }) }
  await new Migrator({ db: queries, provider }).migrateToLatest()
  await sql`insert into repositories values (1, 'docker.io', 'library/alpine')`.execute(queries)
  await sql`insert into tags values (1, ${latest}, ${digest}, 1000)`.execute(queries)
  await queries.destroy()
}

async function makeDisposable() {
  const directory = await makeTemporaryDirectory()
  return { path: directory.path, [Symbol.asyncDispose]: () => directory.remove() }
}
