import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const startWithKeptLayer = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  // More than is served from memory.
  const image = await repository.addImage('1', { seed: 'a', layerSizes: [100_000] })
  const layer = image.layers[0]?.digest ?? ''
  const path = `/v2/team/app/blobs/${layer}`
  await ask(mirrored.server, '/v2/team/app/manifests/1')
  await pullUntilKept(mirrored.server, path)
  const file = (digest: string) =>
    join(mirrored.server.data, 'blobs', 'sha256', digest.replace('sha256:', ''))
  const bytes = repository.blobs.get(layer) ?? Buffer.alloc(0)
  return { ...mirrored, image, layer, path, bytes, file }
}

test.each(['before', 'after'])(
  'a kept blob that was cut short is fetched again, seen %s a restart',
  async (when) => {
    const { upstream, server, restart, path, layer, bytes, file } = await startWithKeptLayer()
    await truncate(file(layer), 10)
    const seen = when === 'before' ? server : await restart()

    const reply = await ask(seen, path)

    expect(reply.headers['x-entrepot-cache']).toBe('miss')
    expect(reply.body.equals(bytes)).toBe(true)
    expect(upstream.count(`GET ${path}`)).toBe(2)
  },
)

test('HEAD of a kept blob that was cut short does not give its length', async () => {
  const { server, path, layer, bytes, file } = await startWithKeptLayer()
  await truncate(file(layer), 10)

  const reply = await ask(server, path, { method: 'HEAD' })

  expect(reply.headers['content-length']).toBe(String(bytes.length))
})

test('a kept manifest that was damaged is fetched again', async () => {
  const { upstream, image, file, restart } = await startWithKeptLayer()
  await truncate(file(image.descriptor.digest), 10)
  const restarted = await restart()

  const path = `/v2/team/app/manifests/${image.descriptor.digest}`
  const reply = await ask(restarted, path)

  expect(reply.body.equals(image.bytes)).toBe(true)
  expect(upstream.count(`GET ${path}`)).toBe(1)
  expect((await ask(restarted, path)).headers['x-entrepot-cache']).toBe('hit')
})
