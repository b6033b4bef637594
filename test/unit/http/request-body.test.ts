import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { appendBody } from '../../../src/http/request-body.ts'

type Append = {
  readonly bytes: Buffer
  readonly finish: () => void
  readonly fail: (error: Error) => void
}

/** More than a batch. */
const large = Buffer.alloc(1024 * 1024, 'x')
const noSpace = new Error('no space')

let incoming: PassThrough
let appends: Append[]
let done: Promise<void>

beforeEach(() => {
  incoming = new PassThrough()
  appends = []
  const append = (chunks: readonly Uint8Array[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    appends.push({ bytes: Buffer.concat(chunks), finish: resolve, fail: reject })
    return promise
  }
  done = appendBody(incoming as never, { append })
  done.catch(() => {})
})
afterEach(() => incoming.destroy())

const appended = (count: number) => vi.waitFor(() => expect(appends.length).toBe(count))

test('what a client that stalls has sent is appended, though it is little', async () => {
  incoming.write('little')
  await appended(1)
  expect(appends[0]?.bytes.toString()).toBe('little')
  appends[0]?.finish()
  incoming.end('more')
  await appended(2)
  appends[1]?.finish()
  await done
  expect(appends[1]?.bytes.toString()).toBe('more')
})

test('no more is taken from the client than two batches, while the disk takes none', async () => {
  const pieces = Array.from({ length: 256 }, () => Buffer.alloc(16 * 1024))
  for (const piece of pieces) incoming.write(piece)
  await appended(1)
  await delay(150)
  expect(appends.length).toBe(1)
  const totalBytes = pieces.length * 16 * 1024
  const leftBytes = incoming.readableLength + incoming.writableLength
  expect(totalBytes - leftBytes).toBeLessThan(700 * 1024)
})

test('a crowd of clients takes little more than one does, and all of it is appended', async () => {
  const pieceBytes = 16 * 1024
  const eachBytes = 40 * pieceBytes
  const gate = Promise.withResolvers<void>()
  let appendedBytes = 0
  const append = async (chunks: readonly Uint8Array[]) => {
    await gate.promise
    for (const { length } of chunks) appendedBytes += length
  }
  const clients = Array.from({ length: 100 }, () => new PassThrough())
  const all = clients.map((client) => appendBody(client as never, { append }))
  for (const client of clients) {
    for (let sent = 0; sent < eachBytes; sent += pieceBytes) client.write(Buffer.alloc(pieceBytes))
    client.end()
  }
  await delay(150)
  const left = clients.map((it) => it.readableLength + it.writableLength)
  const leftBytes = left.reduce((sum, bytes) => sum + bytes, 0)
  expect(clients.length * eachBytes - leftBytes).toBeLessThan(24 * 1024 * 1024)
  gate.resolve()
  await Promise.all(all)
  expect(appendedBytes).toBe(clients.length * eachBytes)
})

test('one append follows another, in order, and the last when all has come', async () => {
  for (const letter of 'abc') incoming.write(Buffer.alloc(large.length, letter))
  incoming.end('end')
  for (let count = 1; count <= 4; count++) {
    await appended(count)
    await delay(5)
    expect(appends.length).toBe(count)
    appends[count - 1]?.finish()
  }
  await done
  expect(appends.map(({ bytes }) => bytes.toString('latin1', 0, 3))).toEqual([
    'aaa',
    'bbb',
    'ccc',
    'end',
  ])
})

test('an append that fails is the last', async () => {
  incoming.write(large)
  await appended(1)
  appends[0]?.fail(noSpace)
  incoming.write('more')
  incoming.end()
  await expect(done).rejects.toThrow(noSpace)
  expect(appends.length).toBe(1)
})

test('a client that stalls hears of an append that fails', async () => {
  incoming.write('little')
  await appended(1)
  appends[0]?.fail(noSpace)
  await expect(done).rejects.toThrow(noSpace)
})

test('where the client leaves, what had come is appended before that is said', async () => {
  incoming.write('begun')
  await delay(1)
  incoming.destroy(new Error('aborted'))
  await appended(1)
  appends[0]?.finish()
  await expect(done).rejects.toThrow('aborted')
  expect(appends[0]?.bytes.toString()).toBe('begun')
})
