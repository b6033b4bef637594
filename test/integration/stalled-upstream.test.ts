import { expect, test, vi } from 'vitest'
import { digestOf, makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, errorOf, openReply } from '../support/raw-client.ts'
import { holdAfter, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { once } from '../support/scripted-turns.ts'
import { startMirrored, tagTtlMs } from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'
const impatient = { idleTimeout: '200ms' }

test('an upstream that takes too long to answer is unavailable', async () => {
  const { upstream, server } = await startMirrored(impatient)
  upstream.script(/manifests|blobs/, waitFor(makeGate()))

  const blobPath = `/v2/team/app/blobs/sha256:${'0'.repeat(64)}`
  const replies = await Promise.all([path, blobPath].map((what) => ask(server, what)))

  for (const reply of replies) {
    expect(reply.status).toBe(503)
    expect(errorOf(reply).message).toContain('took too long to answer')
  }
})

test('a kept tag is served stale while the upstream takes too long', async () => {
  const { upstream, server, clock } = await startMirrored(impatient)
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  clock.advance(tagTtlMs)
  upstream.script(/manifests/, waitFor(makeGate()))

  const reply = await ask(server, path)

  expect(reply.body).toEqual(image.bytes)
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
})

test('a blob that stops coming is gone on with on another connection', async () => {
  const { upstream, server } = await startMirrored(impatient)
  const digest = upstream.repository('team/app').addBlob(makeBytes('stall', 2_000_000))
  const blobPath = `/v2/team/app/blobs/${digest}`
  upstream.script(`GET ${blobPath}`, once(holdAfter(1_000_000, makeGate())))

  const reply = await ask(server, blobPath)

  expect(digestOf(reply.body)).toBe(digest)
  await vi.waitFor(async () => expect(await server.listPartials()).toEqual([]), 5_000)
  expect(await server.listBlobs()).toHaveLength(1)
  expect(upstream.count(`GET ${blobPath}`)).toBe(2)
})

test('a manifest never waits behind blobs for one of few connections', async () => {
  const { upstream, server } = await startMirrored({ maxConnections: 1 })
  const repository = upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const digest = repository.addBlob(makeBytes('busy', 2_000_000))
  const gate = makeGate()
  upstream.script(`GET /v2/team/app/blobs/${digest}`, holdAfter(1_000_000, gate))
  const busy = await openReply(server, `/v2/team/app/blobs/${digest}`)
  await busy.read(500_000)

  expect((await ask(server, path)).body).toEqual(image.bytes)
  expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(200)

  gate.open()
  expect((await busy.finish()).isComplete).toBe(true)
})
