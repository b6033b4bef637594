import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { migrate } from '../../src/store/database/migrations/index.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { testMetadataStore } from './metadata-store-contract.ts'

describe('SQLite', () => {
  testMetadataStore(async () => {
    const directory = await makeTemporaryDirectory()
    const file = join(directory.path, 'entrepot.db')
    return { open: () => openMetadataStore(openSqlite(file)), remove: directory.remove }
  })
})

describe('the database file', () => {
  test('may be migrated twice by one run', async () => {
    await using directory = await makeDisposable()
    const db = openSqlite(join(directory.path, 'entrepot.db'))
    try {
      await migrate(db)
      await db.insertInto('repositories').values({ upstream: 'docker.io', name: 'a' }).execute()
      await migrate(db)
      expect(await db.selectFrom('repositories').select('name').execute()).toEqual([{ name: 'a' }])
    } finally {
      await db.destroy()
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

async function makeDisposable() {
  const directory = await makeTemporaryDirectory()
  return { path: directory.path, [Symbol.asyncDispose]: () => directory.remove() }
}
