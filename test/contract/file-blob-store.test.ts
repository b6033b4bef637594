import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Digest, digestHex, digestOf } from '../../src/oci/digest.ts'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { putBlob } from '../../src/store/put-blob.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { testBlobResume } from './blob-resume-contract.ts'
import { testBlobStore } from './blob-store-contract.ts'
import { makeFilePlace, throwError } from './file-blob-place.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)

describe('a folder', () => {
  testBlobStore(makeFilePlace)
  testBlobResume(makeFilePlace)
})

describe('the data folder', () => {
  let directory: TemporaryDirectory
  const stores: FileBlobStore[] = []
  const inside = (...names: string[]) => join(directory.path, ...names)

  beforeEach(async () => {
    directory = await makeTemporaryDirectory()
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    await directory.remove()
  })

  async function open(folder = directory.path): Promise<FileBlobStore> {
    const store = await FileBlobStore.open(folder, () => {})
    stores.push(store)
    return store
  }

  test('holds a blob under its digest, as an image layout does', async () => {
    const store = await open()
    const long = digestOf(content, 'sha512')
    await putBlob(store, digest, content)
    await putBlob(store, long, content)
    expect(await readFile(inside('blobs', 'sha256', digestHex(digest)))).toEqual(content)
    expect(await readFile(inside('blobs', 'sha512', digestHex(long)))).toEqual(content)
    expect(await readdir(inside('partial'))).toEqual([])
  })

  test('is made with what stands above it', async () => {
    const store = await open(inside('a', 'b'))
    await putBlob(store, digest, content)
    expect(await readdir(inside('a', 'b'))).toEqual(['blobs', 'partial', 'partial.lock', 'uploads'])
  })

  test('has room for a new attempt where an earlier run left a longer one', async () => {
    await mkdir(inside('partial'))
    await writeFile(inside('partial', `sha256-${digestHex(digest)}`), 'something long '.repeat(100))
    const store = await open()
    await putBlob(store, digest, content)
    expect(await readFile(inside('blobs', 'sha256', digestHex(digest)))).toEqual(content)
  })

  test('is not harmed by another process that stores the same content', async () => {
    const own = await open()
    const foreign = await open()
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

  test('is left by a guest to the server that is started beside it', async () => {
    const guest = await FileBlobStore.open(directory.path, throwError, { isGuest: true })
    stores.push(guest)
    await putBlob(guest, digest, content)
    const server = await FileBlobStore.open(directory.path, throwError)
    stores.push(server)
    const upload = await server.uploads.create('1')
    await upload.append([content])
    await upload.close()
    const resumed = await server.uploads.resume('1')
    expect(resumed?.writtenBytes).toBe(content.length)
    await resumed?.close()
    expect(await server.find(digest)).toBe(content.length)
  })

  test('may hold other files, which are no blobs', async () => {
    const store = await open()
    await writeFile(inside('blobs', 'sha256', '.DS_Store'), 'x')
    await writeFile(inside('blobs', 'sha256', `${digestHex(digest)}.tmp`), 'x')
    await writeFile(inside('blobs', 'sha512', digestHex(digest)), 'too short a name')
    await putBlob(store, digest, content)
    const listed = await Array.fromAsync(store.list())
    expect(listed).toEqual([{ digest, sizeBytes: content.length }])
  })

  test('tells what is wrong with a file, and what is no blob, and puts both into quarantine', async () => {
    const store = await open()
    const names = ['wrong', 'empty', 'short'].map((name) => digestOf(Buffer.from(name)))
    const [wrong, empty, folder] = names as [Digest, Digest, Digest]
    for (const name of ['wrong', 'empty']) {
      await putBlob(store, digestOf(Buffer.from(name)), Buffer.from(name))
    }
    await writeFile(inside('blobs', 'sha256', digestHex(wrong)), 'WRONG')
    await writeFile(inside('blobs', 'sha256', digestHex(empty)), '')
    await mkdir(inside('blobs', 'sha256', digestHex(folder)))
    await writeFile(inside('blobs', 'sha256', '.DS_Store'), 'x')
    await writeFile(inside('blobs', 'notes'), 'x')

    const faults = [wrong, empty, folder].map(async (name) => (await store.check(name))?.fault)
    expect(await Promise.all(faults)).toEqual(['wrong', 'wrong', { code: 'EISDIR' }])
    const pages = await Array.fromAsync(store.listNames())
    expect(new Set(pages.flatMap(({ digests }) => digests))).toEqual(new Set(names))
    const foreign = pages.flatMap((page) => page.foreign)
    expect(foreign).toEqual([{ foreign: 'notes' }, { foreign: 'sha256/.DS_Store' }])
    for (const name of [...names, ...foreign]) {
      expect(await store.quarantine(name, 'a test')).toBe(true)
    }
    expect(await readdir(inside('blobs', 'sha256'))).toEqual([])
    expect(await readdir(inside('quarantine'))).toHaveLength(6)
    expect(await readFile(inside('quarantine', 'why.txt'), 'utf8')).toContain('DS_Store')
  })

  test('has nothing left in partial/ after content that was wrong', async () => {
    const store = await open()
    await expect(putBlob(store, digest, Buffer.from('wrong'))).rejects.toThrow(digest)
    expect(await readdir(inside('partial'))).toEqual([])
    expect(await store.find(digest)).toBeUndefined()
  })
})
