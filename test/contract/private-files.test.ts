import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStores } from '../../src/store/open-stores.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const modeOf = async (file: string) => (await stat(file)).mode & 0o777

test('a database that an earlier version left for all to read is for its owner alone', async () => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const data = join(directory.path, 'data')
  await mkdir(data)
  const file = join(data, 'entrepot.db')
  await writeFile(file, '')
  await chmod(file, 0o644)
  const callbacks = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(data, callbacks)
  try {
    expect(await modeOf(file)).toBe(0o600)
    // SQLite gives those beside it the same.
    expect(await modeOf(`${file}-wal`)).toBe(0o600)
  } finally {
    await stores.close()
  }
})
