import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestHex, digestOf } from '../../src/oci/digest.ts'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { putBlob } from '../../src/store/put-blob.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { testBlobStore } from './blob-store-contract.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)

describe('a folder', () => {
  testBlobStore(async () => {
    const directory = await makeTemporaryDirectory()
    return { open: () => FileBlobStore.open(directory.path), remove: directory.remove }
  })
})

describe('the data folder', () => {
  let directory: TemporaryDirectory
  const inside = (...names: string[]) => join(directory.path, ...names)

  beforeEach(async () => {
    directory = await makeTemporaryDirectory()
  })
  afterEach(async () => {
    await directory.remove()
  })

  test('holds a blob under its digest, as an image layout does', async () => {
    const store = await FileBlobStore.open(directory.path)
    const long = digestOf(content, 'sha512')
    await putBlob(store, digest, content)
    await putBlob(store, long, content)
    expect(await readFile(inside('blobs', 'sha256', digestHex(digest)))).toEqual(content)
    expect(await readFile(inside('blobs', 'sha512', digestHex(long)))).toEqual(content)
    expect(await readdir(inside('partial'))).toEqual([])
  })

  test('is made with what stands above it', async () => {
    const store = await FileBlobStore.open(inside('a', 'b'))
    await putBlob(store, digest, content)
    expect(await readdir(inside('a', 'b'))).toEqual(['blobs', 'partial'])
  })

  test('is cleared of what an earlier run left in partial/ more than a day ago', async () => {
    await leaveBehind('old', 24 * 3_600_000 + 60_000)
    await leaveBehind('new', 60_000)
    await FileBlobStore.open(directory.path)
    expect(await readdir(inside('partial'))).toEqual(['new'])
  })

  test('may have an old folder in partial/, which keeps nobody from starting', async () => {
    await mkdir(inside('partial', 'old'), { recursive: true })
    await utimes(inside('partial', 'old'), 0, 0)
    await expect(FileBlobStore.open(directory.path)).resolves.toBeDefined()
  })

  test('has room for a new attempt where an earlier run left a longer one', async () => {
    await leaveBehind(`sha256-${digestHex(digest)}`, 60_000)
    const store = await FileBlobStore.open(directory.path)
    await putBlob(store, digest, content)
    expect(await readFile(inside('blobs', 'sha256', digestHex(digest)))).toEqual(content)
  })

  test('is not harmed by another process that stores the same content', async () => {
    const [own, foreign] = await Promise.all([
      FileBlobStore.open(directory.path),
      FileBlobStore.open(directory.path),
    ])
    const writer = await own.create(digest)
    await writer.append([content])
    writer.verify()
    const intruder = await foreign.create(digest)
    try {
      await writer.keep()
      expect(await readFile(inside('blobs', 'sha256', digestHex(digest)))).toEqual(content)
    } finally {
      await writer.close()
      await intruder.close()
    }
  })

  async function leaveBehind(name: string, ageMs: number): Promise<void> {
    const leftAt = new Date(Date.now() - ageMs)
    await mkdir(inside('partial'), { recursive: true })
    await writeFile(inside('partial', name), 'half of something long '.repeat(100))
    await utimes(inside('partial', name), leftAt, leftAt)
  }

  test('may hold other files, which are no blobs', async () => {
    const store = await FileBlobStore.open(directory.path)
    await writeFile(inside('blobs', 'sha256', '.DS_Store'), 'x')
    await writeFile(inside('blobs', 'sha256', `${digestHex(digest)}.tmp`), 'x')
    await writeFile(inside('blobs', 'sha512', digestHex(digest)), 'too short a name')
    await putBlob(store, digest, content)
    const listed = await Array.fromAsync(store.list())
    expect(listed).toEqual([{ digest, sizeBytes: content.length }])
  })

  test('has nothing left in partial/ after content that was wrong', async () => {
    const store = await FileBlobStore.open(directory.path)
    await expect(putBlob(store, digest, Buffer.from('wrong'))).rejects.toThrow(digest)
    expect(await readdir(inside('partial'))).toEqual([])
    expect(await store.find(digest)).toBeUndefined()
  })
})
