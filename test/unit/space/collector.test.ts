import { mkdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { Collector } from '../../../src/space/collector.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const contents = ['one', 'two', 'three'].map((text) => Buffer.from(text))
const digests = contents.map((content) => digestOf(content))

let directory: TemporaryDirectory
let stores: Stores

const open = async () => {
  const onError = (error: unknown) => {
    throw error
  }
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
}

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  await open()
  for (const [place, content] of contents.entries()) {
    const digest = digests[place] as Digest
    await stores.hosted.announceBlob({ digest, sizeBytes: content.length }, 1000)
    await putBlob(stores.blobs, digest, content)
  }
})
afterEach(async () => {
  await stores.close()
  await directory.remove()
})

const settings = { now: () => 2000, isQuiet: () => true, onGone: () => {} }

const collect = () => new Collector({ stores, ...settings }).collect()

const pathOf = (digest: Digest) => join(directory.path, 'blobs', 'sha256', digest.slice(7))

test('a file that cannot be removed is tried again, and the others go meanwhile', async () => {
  const [stuck] = digests as [Digest]
  await rm(pathOf(stuck))
  await mkdir(pathOf(stuck))
  await expect(collect()).rejects.toThrow("couldn't be removed: 1")
  for (const digest of digests.slice(1)) expect(await stores.blobs.find(digest)).toBeUndefined()

  await rmdir(pathOf(stuck))
  await writeFile(pathOf(stuck), 'one')
  expect(await collect()).toEqual({ blobs: 1, bytes: 3 })
  await expect(stat(pathOf(stuck))).rejects.toThrow('ENOENT')
})

test('a process that ends in the middle leaves no file that the next does not find', async () => {
  const reached = Promise.withResolvers<void>()
  const remove = (): Promise<void> => {
    reached.resolve()
    return new Promise(() => {})
  }
  const dying = { ...stores, blobs: { ...stores.blobs, remove } as Stores['blobs'] }
  void new Collector({ stores: dying, ...settings }).collect()
  await reached.promise

  await stores.close()
  await open()
  expect(await collect()).toEqual({ blobs: 3, bytes: 11 })
  for (const digest of digests) expect(await stores.blobs.find(digest)).toBeUndefined()
})
