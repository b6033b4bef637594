import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BlobAccess } from '../../../src/mirror/blob-access.ts'
import { KeptBlobs } from '../../../src/mirror/kept-blobs.ts'
import { Leases } from '../../../src/mirror/leases.ts'
import { UnrecordedBlobs } from '../../../src/mirror/unrecorded-blobs.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { unknownOrigin } from '../../../src/oci/source.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const other = digestOf(Buffer.from('another blob'))

const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }

let directory: TemporaryDirectory
let stores: Stores
let leases: Leases
let kept: KeptBlobs

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, silent)
  leases = new Leases()
  kept = openKept(stores.blobs)
  await putBlob(stores.blobs, digest, content)
})

const openKept = (blobs: Stores['blobs']) => {
  const access = new BlobAccess(stores.metadata, {
    isPrivate: () => true,
    takesWord: () => true,
  })
  const unrecorded = new UnrecordedBlobs({ stores, now: Date.now, onError: () => {} })
  return new KeptBlobs({ blobs, access, leases, unrecorded, onError: () => {} })
}

afterEach(async () => {
  await stores.close()
  await directory.remove()
})

/** Whether it may be served again without asking, if this happens while it is looked up. */
async function isLeased(meanwhile: () => void): Promise<boolean> {
  const { revokedCount } = leases
  const reader = await kept.open(digest)
  if (!reader) throw new Error('the blob is not kept')
  meanwhile()
  const pull = kept.toPull(digest, reader, { revokedCount, isProven: true })
  await pull.close()
  return pull.lease !== undefined
}

test('a kept blob may be served again without asking', async () => {
  expect(await isLeased(() => {})).toBe(true)
})

test('but not if it was taken back while it was looked up', async () => {
  expect(await isLeased(() => leases.revoke(digest))).toBe(false)
  expect(await isLeased(() => leases.revoke(other))).toBe(true)
  expect(await isLeased(() => leases.revokeAll())).toBe(false)
  expect(await isLeased(() => {})).toBe(true)
})

test('nor if it could not be read the last time', async () => {
  kept.doubt(digest)
  expect(await isLeased(() => {})).toBe(false)
})

test('what has no record is recorded once it was read through', async () => {
  await (await kept.open(digest))?.close()
  expect(await stores.metadata.findBlob(digest)).toMatchObject({ origin: unknownOrigin })
})

test('what has no record and is wrong is not kept any more', async () => {
  await writeFile(join(directory.path, 'blobs', 'sha256', digest.slice(7)), 'THE CONTENT OF A BLOB')
  expect(await kept.open(digest)).toBeUndefined()
  expect(await stores.metadata.findBlob(digest)).toBeUndefined()
  expect(await readdir(join(directory.path, 'quarantine'))).toHaveLength(2)
})

test('what was cut short isn’t served, and a push that comes meanwhile isn’t lost', async () => {
  const sizeBytes = content.length
  await stores.metadata.recordBlob({ digest, sizeBytes, upstream: dockerHub, firstFetchedAt: 1 })
  await truncate(join(directory.path, 'blobs', 'sha256', digest.slice(7)), 5)
  // Just after the last look at the damaged file, the right one takes its place.
  const find: Stores['blobs']['find'] = async (of) => {
    const found = await stores.blobs.find(of)
    await putBlob(stores.blobs, of, content)
    return found
  }
  expect(await openKept({ ...stores.blobs, find }).open(digest)).toBeUndefined()
  expect(await stores.blobs.find(digest)).toBe(sizeBytes)
})
