import { expect, test } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { ask, errorOf, openReply, type Reply } from '../support/raw-client.ts'
import { fail, holdAfter, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { once } from '../support/scripted-turns.ts'
import {
  type MirroredThroughProxy,
  pullUntilKept,
  startThroughProxy,
} from '../support/start-mirrored.ts'
import type { Settings } from '../support/start-server.ts'
import { withoutAsking } from '../support/without-asking.ts'

const bytes = makeBytes('under way', 1_000_000)
const waiting = makeBytes('waiting', 1_000)

const switchOffline = ({ server }: MirroredThroughProxy, offline: boolean) =>
  server.post('/api/v1/offline', { offline })

const expectOffline = (reply: Reply) => {
  expect(reply.status).toBe(404)
  expect(errorOf(reply).message).toContain('offline')
}

/** A blob of which half has come, and the rest comes when the gate is open. */
const startUnderWay = async (settings: Settings = {}) => {
  const mirrored = await startThroughProxy(settings)
  const gate = makeGate()
  const repository = mirrored.upstream.repository('team/app')
  const blobPath = `/v2/team/app/blobs/${repository.addBlob(bytes)}`
  const waitingPath = `/v2/team/app/blobs/${repository.addBlob(waiting)}`
  mirrored.upstream.script(`GET ${blobPath}`, once(holdAfter(500_000, gate)))
  const begun = await openReply(mirrored.server, blobPath)
  await begun.read(300_000)
  return { ...mirrored, gate, blobPath, waitingPath, begun }
}

test('a blob that is on its way when the mirror goes offline comes to its end, and is kept', async () => {
  const mirrored = await startUnderWay()
  await switchOffline(mirrored, true)

  mirrored.gate.open()

  expect((await mirrored.begun.finish()).body.equals(bytes)).toBe(true)
  const kept = await pullUntilKept(mirrored.server, mirrored.blobPath)
  expect(kept.body.equals(bytes)).toBe(true)
})

test('a blob that breaks is not gone on with until the mirror is back', async () => {
  const mirrored = await startUnderWay()
  const { upstream, server, proxy, blobPath, begun } = mirrored
  await switchOffline(mirrored, true)

  await withoutAsking(mirrored, async () => {
    await proxy.reset()
    expect((await begun.finish()).isComplete).toBe(false)
    expectOffline(await ask(server, blobPath))
  })
  await proxy.pass()
  await switchOffline(mirrored, false)

  expect((await ask(server, blobPath)).body.equals(bytes)).toBe(true)
  expect(upstream.rangesOf(`GET ${blobPath}`)[1]).toMatch(/^bytes=\d{6}-$/)
})

test('a blob that waits for its turn is told instead', async () => {
  const mirrored = await startUnderWay({ maxConnections: 1 })
  const { server, gate, begun, waitingPath } = mirrored
  const pull = ask(server, waitingPath)
  for (const _ of [1, 2, 3]) await ask(server, '/healthz')
  await switchOffline(mirrored, true)

  await withoutAsking(mirrored, async () => {
    gate.open()
    expect((await begun.finish()).isComplete).toBe(true)
    expectOffline(await pull)
  })
})

test('a pull that waits to hear whether upstream is back is told instead', async () => {
  const mirrored = await startThroughProxy()
  const { upstream, server } = mirrored
  const gate = makeGate()
  const mend = upstream.script(/manifests/, fail(500))
  upstream.script('GET /v2/', (usual, request) =>
    upstream.count('GET /v2/') > 1 ? waitFor(gate)(usual, request) : usual,
  )
  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(503)
  await upstream.received('GET /v2/', 2)
  mend()
  const pull = ask(server, '/v2/team/app/manifests/1')
  for (const _ of [1, 2, 3]) await ask(server, '/healthz')
  await switchOffline(mirrored, true)

  await withoutAsking(mirrored, async () => {
    gate.open()
    expectOffline(await pull)
  })
})

test.each(['manifests/1', 'tags/list', `blobs/sha256:${'0'.repeat(64)}`])(
  'a pull of %s that is about to be tried again is told instead',
  async (what) => {
    const mirrored = await startThroughProxy()
    const { upstream, server } = mirrored
    upstream.script(/team/, fail(500))
    const pull = ask(server, `/v2/team/app/${what}`)
    await upstream.received(/team/)
    await switchOffline(mirrored, true)

    await withoutAsking(mirrored, async () => expectOffline(await pull))
  },
)
