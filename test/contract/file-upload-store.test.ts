import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { testUploadStore } from './upload-store-contract.ts'

const dayMs = 24 * 3_600_000

describe('a folder', () => {
  testUploadStore(async () => {
    const directory = await makeTemporaryDirectory()
    let store: FileBlobStore | undefined
    const open = async () => {
      await store?.close()
      store = await FileBlobStore.open(directory.path, () => {})
      return { uploads: store.uploads, blobs: store }
    }
    const remove = async () => {
      await store?.close()
      await directory.remove()
    }
    return { open, remove }
  })
})

describe('the data folder', () => {
  let directory: TemporaryDirectory
  const stores: FileBlobStore[] = []
  const inside = (...names: string[]) => join(directory.path, 'uploads', ...names)

  beforeEach(async () => {
    directory = await makeTemporaryDirectory()
    await mkdir(inside(), { recursive: true })
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    await directory.remove()
  })

  async function open() {
    const store = await FileBlobStore.open(directory.path, () => {})
    stores.push(store)
    return store.uploads
  }

  async function leaveBehind(name: string, ageMs: number): Promise<void> {
    await writeFile(inside(name), 'half of something')
    const leftAt = new Date(Date.now() - ageMs)
    await utimes(inside(name), leftAt, leftAt)
  }

  test('has nothing left of an upload that nobody went on with for a day', async () => {
    await leaveBehind('old', dayMs + 60_000)
    await leaveBehind('new', dayMs - 60_000)
    const uploads = await open()
    expect(await readdir(inside())).toEqual(['new'])
    expect(await uploads.find('old')).toBeUndefined()
  })

  test('belongs to one process: another begins no uploads there', async () => {
    await open()
    const foreign = await open()
    await expect(foreign.create('an-id')).rejects.toThrow('another process uses the data folder')
    await leaveBehind('an-id', 0)
    await expect(foreign.resume('an-id')).rejects.toThrow('another process uses the data folder')
  })

  test('has no way out of it', async () => {
    await writeFile(join(directory.path, 'outside'), 'not to be written to')
    await symlink(join(directory.path, 'outside'), inside('an-id'))
    const uploads = await open()
    await expect(uploads.resume('an-id')).rejects.toThrow('ELOOP')
  })
})
