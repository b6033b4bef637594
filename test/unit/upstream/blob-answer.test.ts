import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import {
  type BlobAnswer,
  type BlobPart,
  rangeHeader,
  readBlobAnswer,
} from '../../../src/upstream/blob-answer.ts'

type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readable
}

const whole = { start: 0 }
const patientMs = 10_000

function read(part: BlobPart, answer: Answer, stuckAfterMs = patientMs): Promise<BlobAnswer> {
  const { status, headers = {}, body = Readable.from([Buffer.from('body')]) } = answer
  const url = new URL('http://registry.example/')
  const response = { status, url, header: (name: string) => headers[name], body }
  return readBlobAnswer(dockerHub, part, { response, stuckAfterMs })
}

async function textOf({ chunks }: BlobAnswer): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

/** A body in drops of one byte. */
function drip(count: number, everyMs: number): Readable {
  async function* drops() {
    for (let drop = 0; drop < count; drop++) {
      await sleep(everyMs)
      yield Buffer.from('.')
    }
  }
  return Readable.from(drops())
}

test.each([
  ['all of it is asked for without a range', whole, {}],
  ['the rest has an open end', { start: 10 }, { range: 'bytes=10-' }],
  ['a part names its last byte', { start: 10, end: 19 }, { range: 'bytes=10-19' }],
  ['so does one that begins at 0', { start: 0, end: 0 }, { range: 'bytes=0-0' }],
])('%s', (_rule, part: BlobPart, header) => {
  expect(rangeHeader(part)).toEqual(header)
})

describe('an answer with all of the blob', () => {
  test('has the size that it announces', async () => {
    const answer = await read(whole, { status: 200, headers: { 'content-length': '4' } })
    expect(answer).toMatchObject({ start: 0, sizeBytes: 4 })
    expect(await textOf(answer)).toBe('body')
  })

  test.each([{}, { 'content-length': 'four' }])('may not say its size: %o', async (headers) => {
    expect((await read(whole, { status: 200, headers })).sizeBytes).toBeUndefined()
  })

  test('begins at 0, also where a part was asked for', async () => {
    const answer = await read({ start: 2 }, { status: 200, headers: { 'content-length': '4' } })
    expect(answer.start).toBe(0)
  })
})

describe('an answer with a part', () => {
  test.each([
    ['the rest', { start: 6 }, 'bytes 6-9/10'],
    ['the part that was asked for', { start: 2, end: 5 }, 'bytes 2-5/10'],
    ['a part at the beginning', { start: 0, end: 3 }, 'bytes 0-3/10'],
  ])('is %s', async (_rule, part: BlobPart, range) => {
    const answer = await read(part, { status: 206, headers: { 'content-range': range } })
    expect(answer).toMatchObject({ start: part.start, sizeBytes: 10 })
    expect(await textOf(answer)).toBe('body')
  })

  test.each([
    ['begins elsewhere', { start: 6 }, 'bytes 5-9/10'],
    ['ends too early', { start: 6 }, 'bytes 6-8/10'],
    ['ends too late', { start: 2, end: 5 }, 'bytes 2-9/10'],
    ['does not say which', { start: 6 }, undefined],
    ['does not say of how much', { start: 6 }, 'bytes 6-9/*'],
    ['was not asked for', whole, 'bytes 0-9/10'],
    ['ends before it begins', { start: 6 }, 'bytes 6-5/10'],
    ['is none', { start: 6 }, 'bytes */10'],
  ])('that %s is refused', async (_rule, part: BlobPart, range) => {
    const body = Readable.from([Buffer.from('body')])
    const headers: Readonly<Record<string, string>> = range ? { 'content-range': range } : {}
    await expect(read(part, { status: 206, headers, body })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'docker.io sent another part of a blob than was asked for',
    })
    expect(body.destroyed).toBe(true)
  })
})

describe('a body', () => {
  test('that breaks off says so in the words for clients', async () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    const body = Readable.from([Buffer.from('bo')]).on('end', () => {})
    body.once('data', () => body.destroy(reset)).pause()
    await expect(textOf(await read(whole, { status: 200, body }))).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'docker.io broke the connection',
    })
  })

  test('that comes in single bytes is given up', async () => {
    const answer = await read(whole, { status: 200, body: drip(1_000, 5) }, 50)
    await expect(textOf(answer)).rejects.toMatchObject({
      kind: 'unavailable',
      isTimeout: true,
      message: 'docker.io sends fewer than 256 bytes a second',
    })
  })

  test('that is slow, but no slower than that, comes to its end', async () => {
    const slow = drip(40, 5).map(() => Buffer.alloc(8, '.'))
    expect(await textOf(await read(whole, { status: 200, body: slow }, 50))).toHaveLength(320)
  })

  test('is not to blame for a slow reader', async () => {
    const body = Readable.from(['a', 'b', 'c', 'd'].map((text) => Buffer.from(text)))
    const answer = await read(whole, { status: 200, body }, 200)
    let text = ''
    for await (const chunk of answer.chunks) {
      await sleep(250)
      text += Buffer.from(chunk).toString()
    }
    expect(text).toBe('abcd')
  })

  test('is let go of without a word, read or not', async () => {
    const body = drip(1_000, 1)
    const answer = await read(whole, { status: 200, body })
    answer.destroy()
    answer.destroy()
    expect(body.destroyed).toBe(true)
    body.emit('error', new Error('nobody is interested'))
  })
})
