import { expect, test, vi } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { openReply } from '../support/raw-client.ts'
import { holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import { requestLines } from '../support/start-server.ts'

const mebibyte = 1024 * 1024
const bytes = makeBytes('disconnect', 3 * mebibyte)

const startHeldBlob = async () => {
  const mirrored = await startMirrored()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  const gate = makeGate()
  mirrored.upstream.script(`GET ${path}`, holdAfter(2 * mebibyte, gate))
  return { ...mirrored, path, gate }
}

test('a client that leaves half way stops neither the fetch nor who else reads it', async () => {
  const { upstream, server, path, gate } = await startHeldBlob()
  const [leaver, stayer] = await Promise.all([openReply(server, path), openReply(server, path)])
  await Promise.all([leaver.read(mebibyte), stayer.read(mebibyte)])

  leaver.leave()
  await vi.waitFor(() => expect(requestLines(server)).toHaveLength(1))
  gate.open()

  const { body, isComplete } = await stayer.finish()
  expect(isComplete).toBe(true)
  expect(body.equals(bytes)).toBe(true)
  expect(upstream.count(`GET ${path}`)).toBe(1)
})

test('a fetch that everyone has left completes and is kept', async () => {
  const { upstream, server, path, gate } = await startHeldBlob()
  const replies = await Promise.all([1, 2, 3].map(() => openReply(server, path)))
  for (const reply of replies) {
    await reply.read(mebibyte)
    reply.leave()
  }
  await vi.waitFor(() => expect(requestLines(server)).toHaveLength(3))
  gate.open()
  await vi.waitFor(async () => expect(await server.listBlobs()).toHaveLength(1))

  const { body } = await pullUntilKept(server, path)

  expect(body.equals(bytes)).toBe(true)
  expect(upstream.count(`GET ${path}`)).toBe(1)
  expect(await server.listPartials()).toEqual([])
})

test('who comes after everyone has left reads the same fetch', async () => {
  const { upstream, server, path, gate } = await startHeldBlob()
  const first = await openReply(server, path)
  await first.read(mebibyte)
  first.leave()
  await vi.waitFor(() => expect(requestLines(server)).toHaveLength(1))

  const second = await openReply(server, path)
  await second.read(mebibyte)
  gate.open()

  expect((await second.finish()).body.equals(bytes)).toBe(true)
  expect(upstream.count(`GET ${path}`)).toBe(1)
})
