import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseRepository } from '../../src/oci/repository.ts'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

let directory: TemporaryDirectory
let file: string

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  file = join(directory.path, 'entrepot.db')
})
afterEach(() => directory.remove())

describe('two processes on one database', () => {
  const write = async (name: string, count: number) => {
    const script = join(import.meta.dirname, 'busy-writer.ts')
    const child = spawn(process.execPath, [script, file, name, `${count}`])
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const [code] = (await once(child, 'close')) as [number]
    return { code, said }
  }

  test('both record all that is pushed', { timeout: 60_000 }, async () => {
    await (await openMetadataStore(openSqlite(file))).close()
    const names = ['one', 'other']
    const ended = await Promise.all(names.map((name) => write(name, 150)))
    expect(ended).toEqual(names.map(() => ({ code: 0, said: '' })))
    const store = await openMetadataStore(openSqlite(file))
    for (const name of names)
      expect(await store.listVersions(parseRepository(name))).toHaveLength(150)
    await store.close()
  })
})

describe('what another has written', () => {
  test('shows, once it has, and what one writes itself does not', async () => {
    const own = openSqlite(file)
    const other = openSqlite(file)
    const [store, foreign] = [await openMetadataStore(own), await openMetadataStore(other)]
    try {
      const first = await own.readForeignVersion()
      await store.ping()
      expect(await own.readForeignVersion()).toBe(first)
      await foreign.ping()
      const second = await own.readForeignVersion()
      expect(second).not.toBe(first)
      await foreign.isHosted(parseRepository('team/app'))
      expect(await own.readForeignVersion()).toBe(second)
    } finally {
      await foreign.close()
      await store.close()
    }
  })
})
