import { rename, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import type { BlobWriter, WrittenPlace } from '../../src/store/blob-store.ts'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { openBlobSource } from '../../src/store/open-blob-source.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const content = Buffer.from('what is written by one thread and read by another')
const digest = digestOf(content)

let directory: TemporaryDirectory
let store: FileBlobStore
let writer: BlobWriter

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  store = await FileBlobStore.open(directory.path, () => {})
  writer = await store.create(digest)
  await writer.append([content.subarray(0, 10)])
})

afterEach(async () => {
  await writer.close()
  await store.close()
  await directory.remove()
})

/** As another thread does it. */
async function read(place: WrittenPlace, position: number): Promise<string | undefined> {
  const source = openBlobSource(directory.path, () => {})
  const reader = await source.openWritten(place)
  if (!reader) return undefined
  const buffer = Buffer.alloc(content.length)
  const count = await reader.read(buffer, position)
  await reader.close()
  await source.close()
  return buffer.toString('utf8', 0, count)
}

test('what is written is read while more is written', async () => {
  const place = await writer.findPlace()
  expect(await read(place, 5)).toBe('is wr')
  await writer.append([content.subarray(10)])
  expect(await read(place, 5)).toBe(content.toString('utf8', 5))
})

test('what is kept meanwhile is found under its new name', async () => {
  const place = await writer.findPlace()
  await writer.append([content.subarray(10)])
  writer.verify()
  await writer.keep()
  expect(await read(place, 0)).toBe(content.toString())
})

test('what is thrown away is not found, nor another file that has its name', async () => {
  const place = await writer.findPlace()
  await writer.discard()
  expect(await read(place, 0)).toBeUndefined()
  for (const path of place.paths) {
    await writeFile(`${path}.new`, 'something else')
    await rename(`${path}.new`, path)
  }
  expect(await read(place, 0)).toBeUndefined()
})
