import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { appendBody } from '../../../src/http/request-body.ts'
import { readManifest } from '../../../src/http/whole-body.ts'

const windowMs = 5 * 60_000
const enough = Buffer.alloc(64 * 1024)
const refused = { status: 408, code: 'UNSUPPORTED' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
})

const startBody = () => {
  const incoming = Object.assign(new PassThrough(), { headers: {} })
  onTestFinished(() => void incoming.destroy())
  return incoming
}

const startUpload = (write: () => Promise<void> = async () => {}) => {
  const incoming = startBody()
  const appended: Uint8Array[] = []
  const append = async (chunks: readonly Uint8Array[]) => {
    await write()
    appended.push(...chunks)
  }
  const done = appendBody(incoming as never, { append })
  done.catch(() => {})
  return { incoming, done, appended }
}

/** Each chunk is taken before the time passes. */
const pass = async () => {
  await delay(1)
  vi.advanceTimersByTime(windowMs)
}

test('an upload that comes slowly but steadily goes on for hours', async () => {
  const { incoming, done } = startUpload()
  for (let minutes = 0; minutes < 180; minutes += 5) {
    incoming.write(enough)
    await pass()
  }
  incoming.end('the last')
  await expect(done).resolves.toBeUndefined()
})

test('one that comes by drops is refused, and what had come is appended', async () => {
  const { incoming, done, appended } = startUpload()
  incoming.write(enough)
  await pass()
  incoming.write('a drop')
  await pass()
  await expect(done).rejects.toMatchObject(refused)
  expect(Buffer.concat(appended).length).toBe(enough.length + 'a drop'.length)
})

test('a client that waits for the disk is not slow', async () => {
  const gate = Promise.withResolvers<void>()
  const { incoming, done } = startUpload(() => gate.promise)
  incoming.write(Buffer.alloc(1024 * 1024))
  incoming.write(Buffer.alloc(1024 * 1024))
  for (let windows = 0; windows < 5; windows++) await pass()
  gate.resolve()
  await pass()
  incoming.end()
  await expect(done).resolves.toBeUndefined()
})

test('a manifest that comes by drops is refused', async () => {
  const incoming = startBody()
  const read = readManifest(incoming as never)
  read.catch(() => {})
  incoming.write('{')
  await pass()
  await expect(read).rejects.toMatchObject(refused)
})

test('what is sent byte by byte counts as what it takes', async () => {
  const byte = Buffer.from(' ')
  const bodies = Array.from({ length: 8 }, () => {
    const incoming = startBody()
    const read = readManifest(incoming as never)
    read.catch(() => {})
    for (let count = 0; count < 50_000; count++) incoming.emit('data', byte)
    return read
  })
  await expect(Promise.all(bodies)).rejects.toMatchObject({ code: 'TOOMANYREQUESTS' })
})
