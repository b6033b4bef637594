import { beforeEach, describe, expect, test } from 'vitest'
import { BlobFollower, type Followed } from '../../../src/mirror/blob-follower.ts'
import { makeBytes } from '../../support/image-builder.ts'

const blob = makeBytes('followed', 1_000)

/** How much may be read by now; undefined once nothing more is going to be written. */
let available: number | undefined
let isInMemory: boolean
let failure: Error | undefined
/** What was asked of upstream and closed. */
let told: string[]

const followed: Followed = {
  get availableBytes() {
    return available ?? blob.length
  },
  findPlace: async () => undefined,
  waitBeyond: async () => {
    if (failure) throw failure
    return available
  },
  readWritten: async (buffer, position) => blob.copy(buffer, 0, position, position + buffer.length),
  viewWritten: (position) => {
    if (!isInMemory) return undefined
    const bytes = Buffer.from(new SharedArrayBuffer(blob.length - position))
    blob.copy(bytes, 0, position)
    return { bytes, release: () => void told.push(`view of ${position} released`) }
  },
  passOn: async (position) => {
    told.push(`passed on from ${position}`)
    return {
      sizeBytes: blob.length,
      read: async (buffer, at) => blob.copy(buffer, 0, at, at + buffer.length),
      close: async () => void told.push('pass closed'),
    }
  },
}

beforeEach(() => {
  available = blob.length
  isInMemory = true
  failure = undefined
  told = []
})

function follow(): BlobFollower {
  return new BlobFollower(followed, blob.length, async () => void told.push('closed'))
}

async function read(follower: BlobFollower, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, await follower.read(buffer, position))
}

test('what is written is read, and no more than that', async () => {
  available = 300
  const follower = follow()
  expect(await read(follower, 0, 200)).toEqual(blob.subarray(0, 200))
  expect(await read(follower, 200, 200)).toEqual(blob.subarray(200, 300))
})

test('nothing is beyond the end', async () => {
  expect(await read(follow(), blob.length, 10)).toHaveLength(0)
})

test('a fetch that fails fails its readers', async () => {
  failure = new Error('upstream is gone')
  await expect(read(follow(), 0, 10)).rejects.toThrow('upstream is gone')
})

describe('where nothing more is written', () => {
  test('the rest comes from upstream, asked once', async () => {
    available = 300
    const follower = follow()
    await read(follower, 0, 300)
    available = undefined
    expect(await read(follower, 300, 300)).toEqual(blob.subarray(300, 600))
    expect(await read(follower, 600, 400)).toEqual(blob.subarray(600))
    expect(told).toEqual(['passed on from 300'])
  })

  test('who has read all of it needs no upstream', async () => {
    available = undefined
    expect(await read(follow(), blob.length, 10)).toHaveLength(0)
    expect(told).toEqual([])
  })
})

describe('closing', () => {
  test('lets go once, however often it is asked for', async () => {
    const follower = follow()
    await follower.close()
    await follower.close()
    expect(told).toEqual(['closed'])
  })

  test('ends what comes from upstream first', async () => {
    available = undefined
    const follower = follow()
    await read(follower, 0, 10)
    await follower.close()
    expect(told).toEqual(['passed on from 0', 'pass closed', 'closed'])
  })
})

describe('a view', () => {
  test('shows what may be read and no more; one is held at a time', async () => {
    available = 300
    const follower = follow()
    expect(await follower.view(100)).toEqual(blob.subarray(100, 300))
    expect(told).toEqual([])
    available = 400
    expect(await follower.view(300)).toEqual(blob.subarray(300, 400))
    expect(told).toEqual(['view of 100 released'])
    await follower.close()
    expect(told).toEqual(['view of 100 released', 'view of 300 released', 'closed'])
  })

  test('is undefined where a read is needed', async () => {
    const follower = follow()
    expect(await follower.view(blob.length)).toBeUndefined()
    isInMemory = false
    expect(await follower.view(0)).toBeUndefined()
    isInMemory = true
    available = undefined
    expect(await follower.view(0)).toBeUndefined()
    expect(await read(follower, 0, 10)).toEqual(blob.subarray(0, 10))
    expect(await follower.view(10)).toBeUndefined()
  })

  test('of a closed follower holds nothing', async () => {
    const follower = follow()
    const viewing = follower.view(0)
    await follower.close()
    expect(await viewing).toBeUndefined()
    expect(told).toEqual(['closed'])
  })

  test('fails with the fetch', async () => {
    failure = new Error('upstream is gone')
    await expect(follow().view(0)).rejects.toThrow('upstream is gone')
  })
})

test('a follower that is closed while it waits asks nothing of upstream', async () => {
  available = undefined
  const follower = follow()
  const reading = read(follower, 0, 10)
  const closing = follower.close()
  await expect(reading).rejects.toThrow('closed meanwhile')
  await closing
  expect(told).toEqual(['closed'])
})
