import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import { DigestMismatchError } from '../../../src/oci/digest-check.ts'
import type { BlobStore, BlobWriter } from '../../../src/store/blob-store.ts'
import { StoreFaultError } from '../../../src/store/store-fault.ts'
import { StoreHealth } from '../../../src/store/store-health.ts'
import { Tolerance } from '../../../src/store/tolerance.ts'
import { tolerantBlobs } from '../../../src/store/tolerant-blobs.ts'

const digest = digestOf(Buffer.from('the content of a blob'))
const broken = Object.assign(new Error('input/output error'), { code: 'EIO' })
const fail = () => Promise.reject(broken)

const failingWriter: BlobWriter = {
  writtenBytes: 8,
  append: fail,
  copyCheck: () => {
    throw broken
  },
  findPlace: fail,
  read: fail,
  verify: () => {
    throw new DigestMismatchError(digest, digest)
  },
  keep: fail,
  discard: fail,
  close: fail,
}

/** A disk whose every answer is an error, behind a store that worked when it was opened. */
const failingBlobs: BlobStore = {
  find: fail,
  open: async () => ({ sizeBytes: 8, read: fail, close: fail }),
  create: async () => failingWriter,
  resume: async () => failingWriter,
  remove: fail,
  isShared: fail,
  removePartials: fail,
  list: async function* () {},
  listNames: async function* () {},
  check: fail,
  quarantine: fail,
  release: fail,
}

let noted: unknown[]
let health: StoreHealth
let blobs: BlobStore

beforeEach(() => {
  noted = []
  health = new StoreHealth({
    trial: fail,
    onFault: (_message, error) => noted.push(error),
    onRecovered: () => {},
  })
  blobs = tolerantBlobs(failingBlobs, new Tolerance(health))
})
afterEach(() => health.close())

test.each(['create', 'resume'] as const)('a writer of %s fails by a fault', async (begin) => {
  const writer = await blobs[begin](digest, { owner: 'docker.io' })
  const fault = expect.objectContaining({
    name: 'StoreFaultError',
    message: 'the disk fails (EIO)',
    cause: broken,
  })
  expect(writer.writtenBytes).toBe(8)
  await expect(writer.append([])).rejects.toThrow(fault)
  await expect(writer.read(Buffer.alloc(1), 0)).rejects.toThrow(fault)
  await expect(writer.keep()).rejects.toThrow(fault)
  await expect(writer.discard()).rejects.toThrow(fault)
  await expect(writer.close()).rejects.toThrow(fault)
  expect(noted).toEqual([broken])
})

test('a writer whose content is wrong says so as ever', async () => {
  const writer = await blobs.create(digest)
  expect(() => writer.verify()).toThrow(DigestMismatchError)
  expect(noted).toEqual([])
})

test('a reader that fails closes without a word', async () => {
  const reader = await blobs.open(digest)
  await expect(reader?.read(Buffer.alloc(1), 0)).rejects.toThrow(StoreFaultError)
  await expect(reader?.close()).resolves.toBeUndefined()
})

test('what cannot be looked for is neither found nor removed', async () => {
  expect(await blobs.find(digest)).toBeUndefined()
  await expect(blobs.remove(digest)).resolves.toBeUndefined()
  expect(noted).toEqual([broken])
})
