import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { DigestMismatchError } from '../../src/oci/digest-check.ts'
import type { BlobStore, BlobWriter } from '../../src/store/blob-store.ts'
import { readBlob } from '../../src/store/put-blob.ts'
import type { BlobPlace } from './blob-store-contract.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)

/** What every BlobStore promises of writers that go on with what an earlier one left. */
export function testBlobResume(makePlace: () => Promise<BlobPlace>): void {
  let place: BlobPlace
  const owner = 'docker.io'
  let store: BlobStore
  const open = new Set<BlobWriter>()

  beforeEach(async () => {
    place = await makePlace()
    store = await place.open()
  })
  afterEach(async () => {
    for (const writer of open) await close(writer)
    await place.remove()
  })

  async function resume(wanted: Digest = digest): Promise<BlobWriter> {
    const writer = await store.resume(wanted, { owner })
    open.add(writer)
    return writer
  }

  async function close(writer: BlobWriter): Promise<void> {
    open.delete(writer)
    await writer.close()
  }

  async function leave(bytes: Uint8Array, wanted: Digest = digest): Promise<void> {
    const writer = await resume(wanted)
    await writer.append([bytes])
    await close(writer)
  }

  async function finish(writer: BlobWriter, whole = content): Promise<void> {
    await writer.append([whole.subarray(writer.writtenBytes)])
    writer.verify()
    await writer.keep()
    await close(writer)
    const kept = await readBlob(store, digestOf(whole))
    expect(kept?.equals(whole)).toBe(true)
  }

  describe('a writer that resumes', () => {
    test('begins anew where nothing is left', async () => {
      const writer = await resume()
      expect(writer.writtenBytes).toBe(0)
      await finish(writer)
    })

    test('goes on with what was left', async () => {
      await leave(content.subarray(0, 8))
      const writer = await resume()
      expect(writer.writtenBytes).toBe(8)
      await finish(writer)
    })

    test('goes on with what an earlier run left', async () => {
      await leave(content.subarray(0, 8))
      store = await place.open()
      const writer = await resume()
      expect(writer.writtenBytes).toBe(8)
      await finish(writer)
    })

    test('may find that all was left', async () => {
      await leave(content)
      const writer = await resume()
      expect(writer.writtenBytes).toBe(content.length)
      await finish(writer)
    })

    test('reads what was left', async () => {
      await leave(content.subarray(0, 8))
      const writer = await resume()
      const buffer = Buffer.alloc(100)
      expect(await writer.read(buffer, 2)).toBe(6)
      expect(buffer.subarray(0, 6)).toEqual(content.subarray(2, 8))
    })

    test('goes on with what belongs to its own digest alone', async () => {
      await leave(content.subarray(0, 8))
      const long = digestOf(content, 'sha512')
      expect((await resume(long)).writtenBytes).toBe(0)
      expect((await resume(digestOf(Buffer.from('another')))).writtenBytes).toBe(0)
    })

    test('finds nothing of what was discarded or kept', async () => {
      const discarded = await resume()
      await discarded.append([content])
      await discarded.discard()
      await close(discarded)
      const kept = await resume()
      expect(kept.writtenBytes).toBe(0)
      await finish(kept)
      expect((await resume()).writtenBytes).toBe(0)
    })

    test('leaves what is not kept where nobody finds it', async () => {
      await leave(content)
      expect(await store.find(digest)).toBeUndefined()
      expect(await store.open(digest)).toBeUndefined()
      expect(await Array.fromAsync(store.list())).toEqual([])
    })

    test('finds nothing of what was created', async () => {
      const created = await store.create(digest)
      await created.append([content.subarray(0, 8)])
      await created.close()
      expect((await resume()).writtenBytes).toBe(0)
    })

    test('learns from verify that what was left is wrong, and may then begin anew', async () => {
      await leave(Buffer.from('wrong'))
      const wrong = await resume()
      await wrong.append([content.subarray(wrong.writtenBytes)])
      expect(() => wrong.verify()).toThrow(DigestMismatchError)
      await wrong.discard()
      await close(wrong)
      const anew = await resume()
      expect(anew.writtenBytes).toBe(0)
      await finish(anew)
    })

    test('goes on with much that was left', async () => {
      const large = Buffer.alloc(2_500_000, 'all sorts of bytes, ')
      await leave(large.subarray(0, 2_400_001), digestOf(large))
      const writer = await resume(digestOf(large))
      expect(writer.writtenBytes).toBe(2_400_001)
      await finish(writer, large)
    })
  })

  describe('while a writer that resumes is open', () => {
    test('another one is a stranger to it', async () => {
      const first = await resume()
      await first.append([content.subarray(0, 4)])
      const second = await resume()
      expect(second.writtenBytes).toBe(0)
      await second.append([content.subarray(0, 10)])
      await close(second)
      await close(first)
      const third = await resume()
      expect(third.writtenBytes).toBe(4)
      await finish(third)
    })

    test('two that begin at the same time are strangers too', async () => {
      const writers = await Promise.all([resume(), resume(), resume()])
      await Promise.all(writers.map((writer, at) => writer.append([content.subarray(0, at + 1)])))
      expect(writers.map((writer) => writer.writtenBytes)).toEqual([1, 2, 3])
      for (const writer of writers) await finish(writer)
    })

    test('the content may be kept by another', async () => {
      const first = await resume()
      await first.append([content.subarray(0, 4)])
      await finish(await resume())
      await finish(first)
    })
  })

  test('however it is cut and broken off, resumed content is right', async () => {
    const step = fc.record({
      chunks: fc.array(fc.nat({ max: 40_000 }), { maxLength: 4 }),
      end: fc.constantFrom('goes on', 'is closed', 'is closed', 'is lost with its run'),
    })
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const whole = Buffer.from(`${++count},`.repeat(60_000))
        let writer = await resume(digestOf(whole))
        for (const { chunks, end } of steps) {
          const before = writer.writtenBytes + (await appendParts(writer, whole, chunks))
          expect(writer.writtenBytes).toBe(before)
          if (end === 'goes on') continue
          await close(writer)
          if (end === 'is lost with its run') store = await place.open()
          writer = await resume(digestOf(whole))
          expect(writer.writtenBytes).toBe(before)
        }
        await finish(writer, whole)
      }),
      { numRuns: 40 },
    )
  })

  describe('the hash so far', () => {
    test('can be gone on with apart from the writer', async () => {
      await leave(content.subarray(0, 5))
      const writer = await resume()
      await writer.append([content.subarray(5, 8)])
      const check = writer.copyCheck()
      check.update(content.subarray(8))
      expect(() => check.verify()).not.toThrow()
      const wrong = writer.copyCheck()
      wrong.update(Buffer.from('wrong'))
      expect(() => wrong.verify()).toThrow(DigestMismatchError)
      await finish(writer)
    })

    test('is there before anything is written', async () => {
      const check = (await resume()).copyCheck()
      check.update(content)
      expect(() => check.verify()).not.toThrow()
    })
  })
}

/** As many bytes of `whole` as are asked for and there are; gives how many. */
async function appendParts(
  writer: BlobWriter,
  whole: Buffer,
  lengths: readonly number[],
): Promise<number> {
  let position = writer.writtenBytes
  const parts = lengths.map((length) => {
    const part = whole.subarray(position, position + length)
    position += part.length
    return part
  })
  const sizeBytes = Buffer.concat(parts).length
  await writer.append(parts)
  return sizeBytes
}
