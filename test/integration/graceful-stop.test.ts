import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Digest } from '../../src/oci/digest.ts'
import type { Repository } from '../../src/oci/repository.ts'
import type { UpstreamName } from '../../src/oci/upstream-name.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const bytes = makeBytes('stop', 3_000_000)

const startHeldPull = async () => {
  const mirrored = await startMirrored()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  const gate = makeGate()
  mirrored.upstream.script(`GET ${path}`, holdAfter(1_000_000, gate))
  const reply = await openReply(mirrored.server, path)
  await reply.read(500_000)
  return { ...mirrored, path, gate, reply }
}

test('a running pull completes, and new connections are refused meanwhile', async () => {
  const { server, gate, reply, path } = await startHeldPull()

  const stopped = server.stop()
  await expect(ask(server, path)).rejects.toThrow('ECONNREFUSED')
  gate.open()

  const { body, isComplete } = await reply.finish()
  expect(isComplete).toBe(true)
  expect(body.equals(bytes)).toBe(true)
  await stopped
})

test('what a running pull fetched is kept over the stop', async () => {
  const { upstream, server, gate, reply, path, restart } = await startHeldPull()
  const stopped = server.stop()
  gate.open()
  await reply.finish()
  await stopped

  const restarted = await restart()
  await upstream.stop()

  expect((await ask(restarted, path)).body.equals(bytes)).toBe(true)
})

test('a fetch that nobody waits for is broken off, and nothing half remains in blobs', async () => {
  const { server, reply } = await startHeldPull()
  reply.leave()

  await server.stop()

  expect(await server.listBlobs()).toEqual([])
})

test('idle connections, used before or never, do not hold up the stop', async () => {
  const { server } = await startMirrored()
  const idle = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')]
  onTestFinished(() => idle.forEach((socket) => void socket.destroy()))
  for (const socket of idle)
    await once(
      socket.on('error', () => {}),
      'connect',
    )
  idle[0]?.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
  await once(idle[0] as NodeJS.EventEmitter, 'data')

  const startedAt = performance.now()
  await server.stop()

  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test('when content was last used is written at the stop', async () => {
  const { upstream, server, clock } = await startMirrored({ tagTtl: '1d' })
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = image.layers[0]?.digest as Digest
  await ask(server, '/v2/team/app/manifests/1')
  await pullUntilKept(server, `/v2/team/app/blobs/${layer}`)
  clock.advance(3_600_000)
  await ask(server, '/v2/team/app/manifests/1')
  await ask(server, `/v2/team/app/blobs/${layer}`)

  await server.stop()

  const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(server.data, silent)
  onTestFinished(() => stores.close())
  const source = { upstream: 'docker.io' as UpstreamName, repository: 'team/app' as Repository }
  const kept = await stores.metadata.findImage(source, image.descriptor.digest as Digest)
  const blob = await stores.metadata.findBlob(layer)
  const hour = 3_500_000
  expect(kept?.lastPulledAt).toBeGreaterThan((kept?.firstFetchedAt ?? 0) + hour)
  expect(blob?.lastAccessedAt).toBeGreaterThan((blob?.firstFetchedAt ?? 0) + hour)
})
