import { expect, test, vi } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { fail, holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const mebibyte = 1024 * 1024
const bytes = makeBytes('far', 20 * mebibyte)
const farAhead = 'bytes=20000000-20000099'

/** A fetch that has stopped after its first mebibyte. */
const startHeldBlob = async () => {
  const mirrored = await startMirrored()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  const gate = makeGate()
  mirrored.upstream.script(`GET ${path}`, (usual, request) =>
    request.headers.range ? usual : holdAfter(mebibyte, gate)(usual, request),
  )
  const first = await openReply(mirrored.server, path)
  await first.read(mebibyte / 2)
  return { ...mirrored, path, gate, first }
}

const wholeFetches = ({ upstream }: Awaited<ReturnType<typeof startHeldBlob>>) =>
  upstream.find(/^GET .*blobs/).filter(({ headers }) => headers.range === undefined)

test('a range within what has arrived is served from it', async () => {
  const held = await startHeldBlob()

  const reply = await ask(held.server, held.path, { headers: { range: 'bytes=1000-1999' } })

  expect(reply.status).toBe(206)
  expect(reply.body.equals(bytes.subarray(1000, 2000))).toBe(true)
  expect(held.upstream.count(/^GET .*blobs/)).toBe(1)
  held.gate.open()
  await held.first.finish()
})

test('a range a little ahead waits for the fetch', async () => {
  const held = await startHeldBlob()

  const reply = ask(held.server, held.path, { headers: { range: 'bytes=2097152-2097251' } })
  for (const _ of [1, 2, 3]) await ask(held.server, '/healthz')
  held.gate.open()

  const { status, body } = await reply
  expect(status).toBe(206)
  expect(body.equals(bytes.subarray(2_097_152, 2_097_252))).toBe(true)
  expect(held.upstream.count(/^GET .*blobs/)).toBe(1)
  await held.first.finish()
})

test('a range far ahead gets a request of its own, and is not kept', async () => {
  const held = await startHeldBlob()

  const reply = await ask(held.server, held.path, { headers: { range: farAhead } })

  expect(reply.status).toBe(206)
  expect(reply.isComplete).toBe(true)
  expect(reply.headers['content-range']).toBe(`bytes 20000000-20000099/${bytes.length}`)
  expect(reply.body.equals(bytes.subarray(20_000_000, 20_000_100))).toBe(true)
  expect(held.upstream.find(/^GET .*blobs/).map(({ headers }) => headers.range)).toEqual([
    undefined,
    farAhead,
  ])
  expect(await held.server.listBlobs()).toEqual([])

  held.gate.open()
  expect((await held.first.finish()).body.equals(bytes)).toBe(true)
  await pullUntilKept(held.server, held.path)
  expect(wholeFetches(held)).toHaveLength(1)
})

test.each([
  { name: 'refuses ranges', behaviour: fail(416) },
  { name: 'is too busy for another request', behaviour: fail(503) },
])('a range far ahead waits for the fetch where upstream $name', async ({ behaviour }) => {
  const held = await startHeldBlob()
  held.upstream.script(`GET ${held.path}`, (usual, request) =>
    request.headers.range ? behaviour(usual, request) : usual,
  )

  const pending = ask(held.server, held.path, { headers: { range: farAhead } })
  await held.upstream.received(/^GET .*blobs/, 2)
  held.gate.open()

  const { body, isComplete } = await pending
  expect(isComplete).toBe(true)
  expect(body.equals(bytes.subarray(20_000_000, 20_000_100))).toBe(true)
  await held.first.finish()
})

test('a range far ahead waits for the fetch where upstream ignores ranges', async () => {
  const held = await startHeldBlob()
  held.upstream.script(`GET ${held.path}`, (usual, request) => {
    if (!request.headers.range) return usual
    return { status: 200, headers: { 'content-length': String(bytes.length) }, body: bytes }
  })

  const pending = ask(held.server, held.path, { headers: { range: farAhead } })
  await held.upstream.received(/^GET .*blobs/, 2)
  held.gate.open()

  const { body } = await pending
  expect(body.equals(bytes.subarray(20_000_000, 20_000_100))).toBe(true)
  await held.first.finish()
})

test('a far range that breaks off is gone on with', async () => {
  const held = await startHeldBlob()
  held.upstream.script(`GET ${held.path}`, (usual, request) =>
    request.headers.range ? { ...usual, cutAfterBytes: 50 } : usual,
  )

  const reply = await ask(held.server, held.path, { headers: { range: farAhead } })

  expect(reply.isComplete && reply.status === 206).toBe(true)
  held.gate.open()
  await vi.waitFor(async () => expect(await held.server.listBlobs()).toHaveLength(1), 5_000)
  expect((await held.first.finish()).isComplete).toBe(true)
})
