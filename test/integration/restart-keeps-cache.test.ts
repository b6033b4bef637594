import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored, tagTtlMs } from '../support/start-mirrored.ts'

test('a server that starts again serves what it kept while the upstream is down', async () => {
  const { upstream, server, clock, restart } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  await ask(server, '/v2/team/app/manifests/1')
  const before = await pullUntilKept(server, layer)
  await upstream.stop()
  clock.advance(tagTtlMs)

  const restarted = await restart()

  const byTag = await ask(restarted, '/v2/team/app/manifests/1')
  expect(byTag.body).toEqual(image.bytes)
  expect(byTag.headers['content-type']).toBe(image.descriptor.mediaType)
  expect(byTag.headers['x-entrepot-cache']).toBe('stale')
  const byDigest = await ask(restarted, `/v2/team/app/manifests/${image.descriptor.digest}`)
  expect(byDigest.headers['x-entrepot-cache']).toBe('hit')
  const blob = await ask(restarted, layer)
  expect(blob.body).toEqual(before.body)
  expect(blob.headers['x-entrepot-cache']).toBe('hit')
})

test('a fresh tag is still fresh after a restart', async () => {
  const { upstream, server, restart } = await startMirrored()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, '/v2/team/app/manifests/1')
  const before = upstream.requests.length

  const reply = await ask(await restart(), '/v2/team/app/manifests/1')

  expect(reply.headers['x-entrepot-cache']).toBe('hit')
  expect(upstream.requests).toHaveLength(before)
})

test('what a killed server left half done is never served', async () => {
  const { upstream, server, restart } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = image.layers[0]?.digest ?? ''
  await server.stop()
  const partial = join(server.data, 'partial')
  await mkdir(partial, { recursive: true })
  for (const name of [layer.replace(':', '-'), 'anything']) {
    await writeFile(join(partial, name), 'half of it')
  }

  const reply = await ask(await restart(), `/v2/team/app/blobs/${layer}`)

  expect(reply.body).toEqual(upstream.repository('team/app').blobs.get(layer))
})

test('a lost database costs questions upstream, but no fetch of what is kept', async () => {
  const { upstream, server, restart } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  await ask(server, '/v2/team/app/manifests/1')
  await pullUntilKept(server, layer)
  await server.stop()
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(join(server.data, `entrepot.db${suffix}`), { force: true })
  }

  const restarted = await restart()

  expect((await ask(restarted, layer)).headers['x-entrepot-cache']).toBe('hit')
  expect((await ask(restarted, '/v2/team/app/manifests/1')).body).toEqual(image.bytes)
  expect(upstream.count(`GET ${layer}`)).toBe(1)
})

test('lost blobs are fetched again', async () => {
  const { upstream, server, restart } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  await ask(server, '/v2/team/app/manifests/1')
  const before = await pullUntilKept(server, layer)
  await server.stop()
  await rm(join(server.data, 'blobs'), { recursive: true })

  const restarted = await restart()

  expect((await ask(restarted, '/v2/team/app/manifests/1')).body).toEqual(image.bytes)
  expect((await pullUntilKept(restarted, layer)).body).toEqual(before.body)
})
