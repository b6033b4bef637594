import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readManifest } from '../../../src/http/whole-body.ts'

const mebibyte = 1024 * 1024

test('manifests that come in part hold 64 MiB at most, and small ones are read all the same', async () => {
  const begin = (bytes: number) => {
    const stream = Object.assign(new PassThrough({ highWaterMark: mebibyte }), { headers: {} })
    const read = readManifest(stream as never)
    read.catch(() => {})
    stream.write(Buffer.alloc(bytes))
    return { stream, read }
  }
  const stalled = Array.from({ length: 64 }, () => begin(mebibyte))
  await delay(20)
  const refused = begin(mebibyte)
  await expect(refused.read).rejects.toMatchObject({ code: 'TOOMANYREQUESTS', status: 429 })
  const small = begin(1000)
  small.stream.end()
  expect((await small.read).length).toBe(1000)

  for (const { stream } of stalled) stream.destroy()
  await Promise.allSettled(stalled.map(({ read }) => read))
  const next = begin(mebibyte)
  next.stream.end()
  expect((await next.read).length).toBe(mebibyte)
})
