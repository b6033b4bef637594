import { describe, expect, test, vi } from 'vitest'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { beginUpload, endUpload, SlowPatch, sendChunk } from '../support/push-over-http.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const mebibyte = 1024 * 1024
const content = makeBytes('upload', 4 * mebibyte)
const digest = digestOf(content)
const [first, rest] = [content.subarray(0, 3 * mebibyte), content.subarray(3 * mebibyte)]

const start = (folder: string, threads = 1) =>
  startServerForTest(folder, { threads, offline: true, access: { anonymous: 'push' } })

/** Of one that has more than one byte. */
const bytesOf = async (server: StartedServer, upload: string): Promise<number> => {
  const { status, headers } = await ask(server, upload)
  expect(status).toBe(204)
  return Number(/^0-(\d+)$/.exec(String(headers.range))?.[1]) + 1
}

const hasBegun = (server: StartedServer, upload: string) =>
  vi.waitFor(async () => expect(await bytesOf(server, upload)).toBeGreaterThan(1), 5000)

const expectBlob = async (server: StartedServer, repository: string) => {
  const reply = await ask(server, `/v2/${repository}/blobs/${digest}`)
  expect(digestOf(reply.body), `${reply.status}`).toBe(digest)
}

test.each([1, 2])('an upload goes on after a restart, with %i threads', async (threads) => {
  const folder = await makeFolder()
  const before = await start(folder, threads)
  const upload = await beginUpload(before, 'team/app')
  expect((await sendChunk(before, upload, { start: 0, body: first })).status).toBe(202)
  await before.stop()

  const after = await start(folder, threads)

  expect(await bytesOf(after, upload)).toBe(first.length)
  const early = await sendChunk(after, upload, { start: 0, body: first })
  expect([early.status, errorOf(early).code]).toEqual([416, 'BLOB_UPLOAD_INVALID'])
  expect((await sendChunk(after, upload, { start: first.length, body: rest })).status).toBe(202)
  expect((await endUpload(after, upload, { digest })).status).toBe(201)
  await expectBlob(after, 'team/app')
  expect((await ask(after, upload)).status).toBe(404)
})

test('of a client that leaves in the middle, what has come is kept', async () => {
  const server = await start(await makeFolder())
  const upload = await beginUpload(server, 'team/app')
  const patch = new SlowPatch(server, upload)
  patch.write(first)
  await hasBegun(server, upload)
  await patch.leave()

  // Until the server knows that it has left, another is refused.
  await vi.waitFor(async () => {
    const start = await bytesOf(server, upload)
    const body = content.subarray(start)
    expect((await sendChunk(server, upload, { start, body })).status).toBe(202)
  }, 5000)

  expect((await endUpload(server, upload, { digest })).status).toBe(201)
  await expectBlob(server, 'team/app')
})

describe.each([1, 2])('beside one who writes to an upload, with %i threads', (threads) => {
  const second = {
    PATCH: (server: StartedServer, upload: string) =>
      sendChunk(server, upload, { start: 0, body: rest }),
    'PATCH, without saying where': (server: StartedServer, upload: string) =>
      ask(server, upload, { method: 'PATCH', body: rest }),
    PUT: (server: StartedServer, upload: string) => endUpload(server, upload, { digest }),
    DELETE: (server: StartedServer, upload: string) => ask(server, upload, { method: 'DELETE' }),
  }

  test.each(Object.entries(second))('another is told so: %s', async (_, send) => {
    const server = await start(await makeFolder(), threads)
    const upload = await beginUpload(server, 'team/app')
    const patch = new SlowPatch(server, upload)
    patch.write(first)
    await hasBegun(server, upload)

    const refused = await send(server, upload)

    expect([refused.status, errorOf(refused).code]).toEqual([416, 'BLOB_UPLOAD_INVALID'])
    expect(errorOf(refused).message).toContain('another request')
    patch.write(rest)
    expect((await patch.end())?.status).toBe(202)
    expect((await endUpload(server, upload, { digest })).status).toBe(201)
    await expectBlob(server, 'team/app')
  })
})

test.each([1, 2])('of two that write at once one is refused, with %i threads', async (threads) => {
  const server = await start(await makeFolder(), threads)
  for (let round = 0; round < 10; round++) {
    const upload = await beginUpload(server, 'team/app')
    const chunk = { start: 0, body: content }
    const replies = await Promise.all([
      sendChunk(server, upload, chunk),
      sendChunk(server, upload, chunk),
    ])
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 416])
    expect(await bytesOf(server, upload)).toBe(content.length)
    expect((await endUpload(server, upload, { digest })).status).toBe(201)
  }
  await expectBlob(server, 'team/app')
})
