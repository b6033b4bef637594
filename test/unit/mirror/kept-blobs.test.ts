import { afterEach, beforeEach, expect, test } from 'vitest'
import { BlobAccess } from '../../../src/mirror/blob-access.ts'
import { KeptBlobs } from '../../../src/mirror/kept-blobs.ts'
import { Leases } from '../../../src/mirror/leases.ts'
import { digestOf } from '../../../src/oci/digest.ts'
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
  const access = new BlobAccess(stores.metadata, { isPrivate: () => true })
  kept = new KeptBlobs({ blobs: stores.blobs, access, leases, onError: () => {} })
  await putBlob(stores.blobs, digest, content)
})

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
