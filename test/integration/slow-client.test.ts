import { expect, test, vi } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

test('a client that takes nothing holds up neither the fetch nor other clients', async () => {
  const { upstream, server } = await startMirrored()
  // More than the buffers of both ends of a connection hold.
  const bytes = makeBytes('slow', 24 * 1024 * 1024)
  const digest = upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`

  const stalled = await openReply(server, path)
  const quick = await ask(server, path)
  await vi.waitFor(async () => expect(await server.listBlobs()).toHaveLength(1), 10_000)

  expect(quick.body.equals(bytes)).toBe(true)
  expect((await pullUntilKept(server, path)).body.equals(bytes)).toBe(true)
  expect(upstream.count(`GET ${path}`)).toBe(1)
  const late = await stalled.finish()
  expect(late.isComplete).toBe(true)
  expect(late.body.equals(bytes)).toBe(true)
})
