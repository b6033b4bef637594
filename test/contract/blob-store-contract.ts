import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Digest, type DigestAlgorithm, digestOf } from '../../src/oci/digest.ts'
import { DigestMismatchError } from '../../src/oci/digest-check.ts'
import type { BlobReader, BlobStore, BlobWriter } from '../../src/store/blob-store.ts'

/** A place for blobs that a test has to itself. */
export type BlobPlace = {
  /** Opens it; again, as a later run of the server does. */
  open(): Promise<BlobStore>
  /** Takes the place away with all it holds. */
  remove(): Promise<void>
}

type Readable = Pick<BlobReader, 'read'>

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const otherContent = Buffer.from('something else')

/** What every BlobStore promises, whatever it keeps blobs in. */
export function testBlobStore(makePlace: () => Promise<BlobPlace>): void {
  let place: BlobPlace
  let store: BlobStore
  const writers: BlobWriter[] = []
  const readers: BlobReader[] = []

  beforeEach(async () => {
    place = await makePlace()
    store = await place.open()
  })
  afterEach(async () => {
    await Promise.all([...writers.splice(0), ...readers.splice(0)].map((open) => open.close()))
    await place.remove()
  })

  async function create(wanted: Digest = digest): Promise<BlobWriter> {
    const writer = await store.create(wanted)
    writers.push(writer)
    return writer
  }

  async function openKept(wanted: Digest = digest): Promise<BlobReader> {
    const reader = await store.open(wanted)
    if (!reader) throw new Error(`${wanted} is not kept`)
    readers.push(reader)
    return reader
  }

  async function keep(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest> {
    const wanted = digestOf(bytes, algorithm)
    const writer = await create(wanted)
    await writer.append([bytes])
    writer.verify()
    await writer.keep()
    return wanted
  }

  async function expectNothing(wanted: Digest = digest): Promise<void> {
    expect(await store.find(wanted)).toBeUndefined()
    expect(await store.open(wanted)).toBeUndefined()
    expect(await listAll(store)).toEqual([])
  }

  describe('what is not kept', () => {
    test('is not found', async () => {
      await expectNothing()
    })

    test('is removed without an error', async () => {
      await expect(store.remove(digest)).resolves.toBeUndefined()
    })
  })

  describe('content that grows', () => {
    test('is read as far as it goes', async () => {
      const writer = await create()
      expect(writer.writtenBytes).toBe(0)
      await writer.append([content.subarray(0, 4)])
      expect(writer.writtenBytes).toBe(4)
      expect(await readAll(writer)).toEqual(content.subarray(0, 4))
      await writer.append([content.subarray(4, 6), content.subarray(6)])
      expect(writer.writtenBytes).toBe(content.length)
      expect(await readAll(writer)).toEqual(content)
      expect(await readAll(writer, 5)).toEqual(content.subarray(5))
      expect(await writer.read(Buffer.alloc(8), content.length)).toBe(0)
    })

    test('is found only once it is kept', async () => {
      const writer = await create()
      await expectNothing()
      await writer.append([content])
      await expectNothing()
      writer.verify()
      await expectNothing()
      await writer.keep()
      expect(await store.find(digest)).toBe(content.length)
    })

    test('is not changed by what becomes of its chunks', async () => {
      const writer = await create()
      const chunk = Buffer.from(content)
      await writer.append([chunk])
      chunk.fill(0)
      writer.verify()
      await writer.keep()
      expect(await readAll(await openKept())).toEqual(content)
    })

    test('may come in thousands of chunks, some of them empty', async () => {
      const chunks = Array.from({ length: 5000 }, (_, at) => Buffer.from(at % 7 ? `${at},` : ''))
      const whole = Buffer.concat(chunks)
      const writer = await create(digestOf(whole))
      await writer.append(chunks)
      await writer.append([])
      expect(writer.writtenBytes).toBe(whole.length)
      writer.verify()
      await writer.keep()
      expect(await readAll(await openKept(digestOf(whole)))).toEqual(whole)
    })

    test('is the same however it was cut', async () => {
      const pieces = fc.array(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 4 }))
      await fc.assert(
        fc.asyncProperty(pieces, async (appends) => {
          const whole = Buffer.concat(appends.flat())
          const writer = await create(digestOf(whole))
          for (const chunks of appends) await writer.append(chunks)
          writer.verify()
          await writer.keep()
          expect(await readAll(await openKept(digestOf(whole)))).toEqual(whole)
        }),
        { numRuns: 30 },
      )
    })
  })

  describe('content that is wrong', () => {
    test('is said to be, with what was found in its place', async () => {
      const writer = await create()
      await writer.append([otherContent])
      const error = catchError(() => writer.verify())
      expect(error).toBeInstanceOf(DigestMismatchError)
      expect(error).toMatchObject({ expected: digest, actual: digestOf(otherContent) })
    })

    test('is never kept', async () => {
      const writer = await create()
      await writer.append([otherContent])
      expect(() => writer.verify()).toThrow()
      await expect(writer.keep()).rejects.toThrow()
      await writer.discard()
      await expectNothing()
    })

    test('is wrong too where it is cut off', async () => {
      const writer = await create()
      await writer.append([content.subarray(0, -1)])
      expect(() => writer.verify()).toThrow(DigestMismatchError)
    })

    test('does not stand in the way of what is right', async () => {
      const wrong = await create()
      await wrong.append([otherContent])
      expect(() => wrong.verify()).toThrow()
      await wrong.discard()
      await keep(content)
      expect(await readAll(await openKept())).toEqual(content)
    })
  })

  describe('a writer', () => {
    test('keeps nothing that was not verified', async () => {
      const writer = await create()
      await writer.append([content])
      await expect(writer.keep()).rejects.toThrow()
      await writer.discard()
      await expectNothing()
    })

    test('appends nothing to what was verified', async () => {
      const writer = await create()
      await writer.append([content])
      writer.verify()
      await expect(writer.append([otherContent])).rejects.toThrow()
      await writer.keep()
      expect(await readAll(await openKept())).toEqual(content)
    })

    test('leaves nothing of what it discards', async () => {
      const writer = await create()
      await writer.append([content])
      await writer.discard()
      await expectNothing()
      await expect(writer.keep()).rejects.toThrow()
      await expectNothing()
    })

    test('may discard twice, also what was verified', async () => {
      const writer = await create()
      await writer.append([content])
      writer.verify()
      await writer.discard()
      await writer.discard()
      await expectNothing()
    })

    test('does not take back what is kept', async () => {
      const writer = await create()
      await writer.append([content])
      writer.verify()
      await writer.keep()
      await writer.discard()
      expect(await readAll(await openKept())).toEqual(content)
    })

    test('reads what it wrote until it is closed, kept or discarded', async () => {
      for (const end of ['keep', 'discard'] as const) {
        const writer = await create()
        await writer.append([content])
        writer.verify()
        await writer[end]()
        expect(await readAll(writer)).toEqual(content)
      }
    })

    test('reads what it kept, also when that is removed', async () => {
      const writer = await create()
      await writer.append([content])
      writer.verify()
      await writer.keep()
      await store.remove(digest)
      expect(await readAll(writer)).toEqual(content)
    })
  })

  describe('two writers of a digest, one after the other', () => {
    test('do not touch each other’s content', async () => {
      const first = await create()
      await first.append([otherContent])
      await first.discard()
      const second = await create()
      await second.append([content])
      expect(await readAll(first)).toEqual(otherContent)
      await first.discard()
      second.verify()
      await second.keep()
      expect(await readAll(await openKept())).toEqual(content)
    })

    test('may both keep it', async () => {
      await keep(content)
      const early = await openKept()
      await keep(content)
      expect(await readAll(early)).toEqual(content)
      expect(await listAll(store)).toEqual([{ digest, sizeBytes: content.length }])
    })

    test('leave what is kept where it is, when the later one discards', async () => {
      await keep(content)
      const second = await create()
      await second.append([otherContent])
      await second.discard()
      expect(await readAll(await openKept())).toEqual(content)
    })
  })

  describe('two writers of a digest at the same time', () => {
    test('do not meet, though one is wrong', async () => {
      const right = await create()
      const wrong = await create()
      await right.append([content])
      await wrong.append([otherContent])
      expect(await readAll(right)).toEqual(content)
      right.verify()
      await right.keep()
      await wrong.append([otherContent, otherContent])
      expect(() => wrong.verify()).toThrow(DigestMismatchError)
      await wrong.discard()
      expect(await readAll(await openKept())).toEqual(content)
    })

    test('may both keep it', async () => {
      const writing = [await create(), await create()]
      await Promise.all(writing.map((writer) => writer.append([content])))
      for (const writer of writing) writer.verify()
      await Promise.all(writing.map((writer) => writer.keep()))
      expect(await readAll(await openKept())).toEqual(content)
      expect(await listAll(store)).toEqual([{ digest, sizeBytes: content.length }])
    })
  })

  describe('what is kept', () => {
    test('is found at once, with its size, and reads whole', async () => {
      await keep(content)
      expect(await store.find(digest)).toBe(content.length)
      const reader = await openKept()
      expect(reader.sizeBytes).toBe(content.length)
      expect(await readAll(reader)).toEqual(content)
    })

    test('is seen whole or not at all while it is being kept', async () => {
      const large = Buffer.alloc(3_000_000, 'x')
      const writer = await create(digestOf(large))
      await writer.append([large])
      writer.verify()
      let isKept = false
      const keeping = writer.keep().finally(() => {
        isKept = true
      })
      const sizes = new Set<number | undefined>()
      while (!isKept) sizes.add(await store.find(digestOf(large)))
      await keeping
      sizes.delete(undefined)
      expect([...sizes]).toEqual(sizes.size === 0 ? [] : [large.length])
    })

    test('may have a sha512 digest', async () => {
      const long = await keep(content, 'sha512')
      expect(await readAll(await openKept(long))).toEqual(content)
      expect(await store.find(digest)).toBeUndefined()
    })

    test('may be empty', async () => {
      const empty = await keep(Buffer.alloc(0))
      expect(await store.find(empty)).toBe(0)
      const reader = await openKept(empty)
      expect(reader.sizeBytes).toBe(0)
      expect(await reader.read(Buffer.alloc(4), 0)).toBe(0)
    })

    test('may be empty without anything ever appended', async () => {
      const writer = await create(digestOf(Buffer.alloc(0)))
      writer.verify()
      await writer.keep()
      expect(await store.find(digestOf(Buffer.alloc(0)))).toBe(0)
    })

    test('is read at any position by many at once', async () => {
      const large = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251))
      const reader = await openKept(await keep(large))
      const positions = Array.from({ length: 50 }, (_, at) => at * 1999)
      const parts = await Promise.all(positions.map((position) => readAll(reader, position)))
      expect(parts.every((part, at) => part.equals(large.subarray(at * 1999)))).toBe(true)
    })

    test('has nothing behind its end', async () => {
      await keep(content)
      const reader = await openKept()
      expect(await reader.read(Buffer.alloc(4), content.length)).toBe(0)
      expect(await reader.read(Buffer.alloc(4), content.length + 100)).toBe(0)
    })

    test('is listed, each once, and nothing else', async () => {
      const long = await keep(content, 'sha512')
      const short = await keep(otherContent)
      const growing = await create()
      await growing.append([content])
      const all = await listAll(store)
      expect(all).toHaveLength(2)
      expect(all).toEqual(
        expect.arrayContaining([
          { digest: long, sizeBytes: content.length },
          { digest: short, sizeBytes: otherContent.length },
        ]),
      )
    })

    test('is gone once it is removed', async () => {
      await keep(content)
      await store.remove(digest)
      await expectNothing()
    })

    test('reads whole to the end for who opened it before it was removed', async () => {
      await keep(content)
      const reader = await openKept()
      await store.remove(digest)
      expect(reader.sizeBytes).toBe(content.length)
      expect(await readAll(reader)).toEqual(content)
    })
  })

  describe('what is checked', () => {
    test('is right as it was kept', async () => {
      const kept = await keep(content, 'sha512')
      const checked = await store.check(kept)
      expect(checked).toMatchObject({ sizeBytes: content.length, fault: undefined })
      expect(Math.abs(Date.now() - (checked?.writtenAt ?? 0))).toBeLessThan(60_000)
      expect(await store.check(digest)).toBeUndefined()
    })

    test('is read in pieces, each at its time, until it is enough', async () => {
      const large = await keep(Buffer.alloc(3_000_000, 'x'))
      const pieces: number[] = []
      const stopping = new AbortController()
      const pace = async (bytes: number) => void pieces.push(bytes)
      await store.check(large, { pace, signal: stopping.signal })
      expect(pieces.reduce((sum, bytes) => sum + bytes)).toBe(3_000_000)
      expect(pieces.length).toBeGreaterThan(1)
      stopping.abort()
      await expect(store.check(large, { signal: stopping.signal })).rejects.toThrow('abort')
    })
  })

  describe('what is put into quarantine', () => {
    test('is gone, and can be kept anew; who reads it reads on', async () => {
      const kept = await keep(content)
      const reader = await openKept(kept)
      expect(await store.quarantine(kept, 'a test')).toBe(true)
      await expectNothing()
      expect(await readAll(reader)).toEqual(content)
      expect(await store.quarantine(kept, 'a test')).toBe(false)
      await keep(content)
      expect(await readAll(await openKept(kept))).toEqual(content)
    })

    test('is only what was checked', async () => {
      const kept = await keep(content)
      const checked = await store.check(kept)
      await keep(content)
      expect(await store.quarantine(kept, 'a test', checked?.mark)).toBe(false)
      expect(await store.find(kept)).toBe(content.length)
      const again = await store.check(kept)
      expect(await store.quarantine(kept, 'a test', again?.mark)).toBe(true)
    })
  })

  describe('what is let out of quarantine', () => {
    test('is what is right, and only that', async () => {
      const kept = await keep(content)
      expect(await store.release(kept)).toBe(false)
      expect(await store.quarantine(kept, 'a test')).toBe(true)
      expect(await store.release(kept)).toBe(true)
      expect(await readAll(await openKept(kept))).toEqual(content)
      expect(await store.release(kept)).toBe(false)
    })
  })

  describe('a later run', () => {
    test('has what was kept', async () => {
      await keep(content)
      store = await place.open()
      expect(await readAll(await openKept())).toEqual(content)
    })

    test('has nothing of what was not, and can begin it anew', async () => {
      const writer = await create()
      await writer.append([otherContent])
      store = await place.open()
      await expectNothing()
      await keep(content)
      expect(await readAll(await openKept())).toEqual(content)
    })
  })
}

async function readAll(readable: Readable, position = 0): Promise<Buffer> {
  const parts: Buffer[] = []
  let next = position
  for (;;) {
    const buffer = Buffer.alloc(64 * 1024)
    const count = await readable.read(buffer, next)
    if (count === 0) return Buffer.concat(parts)
    parts.push(buffer.subarray(0, count))
    next += count
  }
}

function catchError(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

async function listAll(store: BlobStore): Promise<{ digest: Digest; sizeBytes: number }[]> {
  return Array.fromAsync(store.list())
}
