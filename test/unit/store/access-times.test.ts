import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { AccessTimes } from '../../../src/store/access-times.ts'
import { openMetadataStore } from '../../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../../src/store/database/sqlite-database.ts'
import type { Accesses, BlobRecords, MetadataStore } from '../../../src/store/metadata-store.ts'

const source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const image = digestOf(Buffer.from('image'))
const layer = digestOf(Buffer.from('layer'))

/** Real records whose writes can be made to fail, as on a full disk, or to be counted only. */
class FailingRecords {
  readonly writes: Accesses[] = []
  failures = 0
  isCountedOnly = false
  readonly #store: MetadataStore

  constructor(store: MetadataStore) {
    this.#store = store
  }

  get records(): BlobRecords {
    return { ...this.#store, recordAccesses: (accesses) => this.#record(accesses) }
  }

  async #record(accesses: Accesses): Promise<void> {
    if (this.failures > 0) {
      this.failures--
      throw new Error('disk full')
    }
    this.writes.push(accesses)
    if (!this.isCountedOnly) await this.#store.recordAccesses(accesses)
  }
}

let store: MetadataStore
let disk: FailingRecords
let times: AccessTimes
let errors: unknown[]

beforeEach(async () => {
  store = await openMetadataStore(openSqlite(':memory:'))
  await store.recordBlob({
    digest: layer,
    sizeBytes: 7,
    upstream: dockerHub,
    firstFetchedAt: 1000,
  })
  await store.recordImage(source, {
    digest: image,
    mediaType: 'application/vnd.x',
    sizeBytes: 5,
    artifactType: undefined,
    subject: undefined,
    children: [],
    firstFetchedAt: 1000,
  })
  disk = new FailingRecords(store)
  errors = []
  times = new AccessTimes(disk.records, (error) => errors.push(error))
})
afterEach(async () => {
  disk.failures = 0
  await times.close()
  await store.close()
})

const usedAt = async (digest: Digest) => (await store.findBlob(digest))?.lastAccessedAt
const pulledAt = async () => (await store.findImage(source, image))?.lastPulledAt

function numbered(count: number): Digest {
  return digestOf(Buffer.from(String(count)))
}

describe('what was used', () => {
  test('is gathered, and written once it is asked for', async () => {
    times.touchBlob(layer, 2000)
    expect(await usedAt(layer)).toBe(1000)
    await times.flush()
    expect(await usedAt(layer)).toBe(2000)
  })

  test('is written in one batch, each with its latest time', async () => {
    times.touchBlob(layer, 2000)
    times.touchImage(source, image, 2500)
    times.touchBlob(layer, 3000)
    await times.flush()
    expect(disk.writes).toHaveLength(1)
    expect(await usedAt(layer)).toBe(3000)
  })

  test('as an image was used as a blob too', async () => {
    times.touchImage(source, image, 2000)
    await times.flush()
    expect(await pulledAt()).toBe(2000)
    expect(await usedAt(image)).toBe(2000)
  })

  test('is written on close', async () => {
    times.touchBlob(layer, 2000)
    times.touchImage(source, image, 3000)
    await times.close()
    expect(await usedAt(layer)).toBe(2000)
    expect(await pulledAt()).toBe(3000)
  })

  test('that a full disk doesn’t take keeps nobody from making room, and is written later', async () => {
    times.touchBlob(layer, 2000)
    disk.failures = 1
    await times.settle()
    expect(errors).toHaveLength(1)
    expect(await usedAt(layer)).toBe(1000)
    await times.settle()
    expect(await usedAt(layer)).toBe(2000)
  })

  test('while a write is under way comes with the next', async () => {
    times.touchBlob(layer, 2000)
    const writing = times.flush()
    times.touchBlob(layer, 3000)
    await Promise.all([writing, times.flush()])
    expect(await usedAt(layer)).toBe(3000)
  })

  test('is written when much has gathered, though nobody asks', async () => {
    disk.isCountedOnly = true
    for (let count = 0; count < 20_000; count++) times.touchBlob(numbered(count), 2000)
    await times.flush()
    expect(disk.writes[0]?.blobs.size).toBe(20_000)
  })
})

test('nothing is written where nothing was used', async () => {
  await times.flush()
  times.touchBlob(layer, 2000)
  await times.flush()
  await times.flush()
  expect(disk.writes).toHaveLength(1)
})

describe('a write that fails', () => {
  beforeEach(() => {
    disk.failures = 1
    times.touchBlob(layer, 2000)
    times.touchImage(source, image, 2000)
  })

  test('is told to who asked for it', async () => {
    await expect(times.flush()).rejects.toThrow('disk full')
    expect(errors).toEqual([])
  })

  test('loses nothing once the next works', async () => {
    await expect(times.flush()).rejects.toThrow()
    await times.flush()
    expect(await usedAt(layer)).toBe(2000)
    expect(await pulledAt()).toBe(2000)
  })

  test('loses nothing of what was used since', async () => {
    await expect(times.flush()).rejects.toThrow()
    times.touchImage(source, image, 3000)
    await times.flush()
    expect(await usedAt(layer)).toBe(2000)
    expect(await pulledAt()).toBe(3000)
  })

  test('does not put what is old over what was used meanwhile', async () => {
    const writing = times.flush()
    times.touchBlob(layer, 3000)
    await expect(writing).rejects.toThrow()
    await times.flush()
    expect(await usedAt(layer)).toBe(3000)
  })

  test('does not keep a write behind it from beginning', async () => {
    const [failed, worked] = await Promise.allSettled([times.flush(), times.flush()])
    expect(failed.status).toBe('rejected')
    expect(worked.status).toBe('fulfilled')
    expect(await usedAt(layer)).toBe(2000)
  })

  test('on close may be tried again', async () => {
    await expect(times.close()).rejects.toThrow('disk full')
    await times.close()
    expect(await usedAt(layer)).toBe(2000)
  })
})

test('a failure in the background is told to nobody but onError', async () => {
  disk.failures = 1
  disk.isCountedOnly = true
  for (let count = 0; count < 20_000; count++) times.touchBlob(numbered(count), 2000)
  await times.flush()
  expect(errors).toEqual([expect.objectContaining({ message: 'disk full' })])
  expect(disk.writes[0]?.blobs.size).toBe(20_000)
})

test('memory stays bounded while every write fails', async () => {
  disk.isCountedOnly = true
  disk.failures = Number.POSITIVE_INFINITY
  for (let count = 0; count < 100_000; count++) {
    times.touchBlob(numbered(count), 2000)
    if (count % 5000 === 0) await times.flush().catch(() => {})
  }
  disk.failures = 0
  await times.flush()
  const gathered = disk.writes.reduce((sum, write) => sum + write.blobs.size, 0)
  expect(gathered).toBeLessThanOrEqual(40_000)
})
