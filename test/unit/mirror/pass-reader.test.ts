import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { heldBackBytes } from '../../../src/mirror/held-back.ts'
import { PassReader } from '../../../src/mirror/pass-reader.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { DigestCheck, DigestMismatchError } from '../../../src/oci/digest-check.ts'
import { makeBytes } from '../../support/image-builder.ts'

const blob = makeBytes('passed', 300_000)
const pieceBytes = 40_000

let destroyed: number
let leaves: number

beforeEach(() => {
  destroyed = 0
  leaves = 0
})

type Passing = {
  readonly start?: number
  readonly prefix?: Uint8Array
  readonly isChecked?: boolean
  readonly bytes?: Buffer
}

/** A reader of `bytes`, in pieces, behind which a check knows what `blob` is. */
function pass({ start = 0, isChecked = true, bytes = blob, prefix }: Passing = {}): PassReader {
  async function* chunks() {
    for (let at = start; at < bytes.length; at += pieceBytes) {
      yield bytes.subarray(at, at + pieceBytes)
    }
  }
  const check = new DigestCheck(digestOf(blob))
  check.update(blob.subarray(0, start))
  return new PassReader({
    transfer: { chunks: chunks(), destroy: () => void destroyed++ },
    start,
    sizeBytes: blob.length,
    onClose: () => void leaves++,
    ...(isChecked ? { check } : {}),
    ...(prefix ? { prefix } : {}),
  })
}

async function readFrom(reader: PassReader, position: number): Promise<Buffer> {
  const received: Buffer[] = []
  for (let at = position; ; ) {
    const buffer = Buffer.alloc(10_000)
    const count = await reader.read(buffer, at)
    if (count === 0) return Buffer.concat(received)
    received.push(buffer.subarray(0, count))
    at += count
  }
}

describe('a blob that is passed on', () => {
  test('is read from its beginning to its end', async () => {
    expect((await readFrom(pass(), 0)).equals(blob)).toBe(true)
  })

  test('goes on where what was written ended', async () => {
    const reader = pass({ start: 100_000, prefix: blob.subarray(60_000, 100_000) })
    expect((await readFrom(reader, 60_000)).equals(blob.subarray(60_000))).toBe(true)
  })

  test('is read in order only', async () => {
    await expect(pass().read(Buffer.alloc(10), 10)).rejects.toThrow('only 0 can follow')
  })
})

describe('the last of a blob', () => {
  const wrong = Buffer.from(blob)
  wrong[0] = (wrong[0] ?? 0) ^ 1

  test('is held back, and never served where the digest is wrong', async () => {
    const reader = pass({ bytes: wrong })
    let received = 0
    const reading = async () => {
      while (received < blob.length) received += await reader.read(Buffer.alloc(10_000), received)
    }
    await expect(reading()).rejects.toThrow(DigestMismatchError)
    expect(received).toBeLessThanOrEqual(blob.length - heldBackBytes)
  })

  test('is served as it comes where only a part is asked for', async () => {
    const reader = pass({ start: 200_000, isChecked: false, bytes: wrong })
    expect((await readFrom(reader, 200_000)).equals(wrong.subarray(200_000))).toBe(true)
  })
})

describe('a transfer', () => {
  test.each([true, false])('that ends too early fails, checked: %s', async (isChecked) => {
    const reader = pass({ isChecked, bytes: blob.subarray(0, -1) })
    await expect(readFrom(reader, 0)).rejects.toThrow('ended at 299999')
  })

  test.each([true, false])('that brings too much fails, checked: %s', async (isChecked) => {
    const reader = pass({ isChecked, bytes: Buffer.concat([blob, blob]) })
    await expect(readFrom(reader, 0)).rejects.toThrow('more than the blob has')
  })

  test('is ended with the reader, and whoever waits for its place told', async () => {
    await pass().close()
    expect(destroyed).toBe(1)
    expect(leaves).toBe(1)
  })
})

describe('a client that takes nothing', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  test('gives its connection back after half a minute', () => {
    pass()
    vi.advanceTimersByTime(29_999)
    expect(destroyed).toBe(0)
    vi.advanceTimersByTime(1)
    expect(destroyed).toBe(1)
    expect(leaves).toBe(1)
  })

  test('keeps it as long as it takes something now and then', async () => {
    const reader = pass()
    for (let at = 0; at < 50; at += 10) {
      await reader.read(Buffer.alloc(10), at)
      vi.advanceTimersByTime(29_000)
    }
    expect(destroyed).toBe(0)
    await reader.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
