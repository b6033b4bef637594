// Reading what is kept of one repository through another by its digest (zot's CVE-2024-39897): a digest
// is no secret, and opens nothing.

import { describe, expect, test } from 'vitest'
import { smallImage } from '../../support/image-builder.ts'
import { ask, errorOf } from '../../support/raw-client.ts'
import { fail, makeGate, waitFor } from '../../support/scripted-behaviour.ts'
import { startMirrored, startUpstream } from '../../support/start-mirrored.ts'
import type { Settings } from '../../support/start-server.ts'
import { startWithKeptImage } from '../../support/start-with-kept-image.ts'

test('knowing the digest of a kept blob opens no repository that has it not', async () => {
  const { upstream, server, blobPath } = await startWithKeptImage()
  upstream.repository('team/other')

  for (const method of ['GET', 'HEAD', 'GET']) {
    const reply = await ask(server, blobPath, { method })
    expect(reply.status).toBe(404)
  }
  const ranged = await ask(server, blobPath, { headers: { range: 'bytes=0-9' } })
  expect(ranged.status).toBe(404)
  expect(errorOf(ranged).code).toBe('BLOB_UNKNOWN')
  expect(upstream.count(`GET ${blobPath}`)).toBe(0)
})

test('a kept blob that another repository has too costs one HEAD and no second GET', async () => {
  const { upstream, server, bytes, blobPath } = await startWithKeptImage()
  upstream.repository('team/other').addBlob(bytes)

  for (const _ of [1, 2]) {
    const reply = await ask(server, blobPath)
    expect(reply.body.equals(bytes)).toBe(true)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
  }

  expect(upstream.count(`HEAD ${blobPath}`)).toBe(1)
  expect(upstream.count(/^GET .*blobs/)).toBe(1)
})

test('a blob that a manifest of the other repository names needs no word of upstream', async () => {
  const { upstream, server, bytes, blobPath } = await startWithKeptImage()
  const other = upstream.repository('team/other')
  await other.addImage('1', smallImage('secret'))
  await ask(server, '/v2/team/other/manifests/1')

  const reply = await ask(server, blobPath)

  expect(reply.body.equals(bytes)).toBe(true)
  expect(upstream.count(/team\/other\/blobs/)).toBe(0)
})

test.each([401, 403])('a repository that upstream denies with %i stays closed', async (status) => {
  const { upstream, server, blobPath, manifestPath } = await startWithKeptImage()
  upstream.script(/team\/other/, fail(status))

  for (const path of [blobPath, manifestPath]) {
    const reply = await ask(server, path)
    expect(reply.status).toBe(403)
    expect(errorOf(reply).code).toBe('DENIED')
  }
})

test('a repository of which upstream can say nothing stays closed', async () => {
  const { upstream, server, blobPath, manifestPath } = await startWithKeptImage()
  await upstream.stop()

  for (const path of [blobPath, manifestPath]) {
    const reply = await ask(server, path)
    expect(reply.status).toBe(503)
  }
})

test('knowing the digest of a kept manifest opens no repository that has it not', async () => {
  const { upstream, server, manifestPath } = await startWithKeptImage()
  upstream.repository('team/other')

  for (const method of ['GET', 'HEAD']) {
    expect((await ask(server, manifestPath, { method })).status).toBe(404)
  }
})

test('a kept manifest that another repository has too costs one HEAD and no second GET', async () => {
  const { upstream, server, image, manifestPath } = await startWithKeptImage()
  await upstream.repository('team/other').addImage('1', smallImage('secret'))

  for (const _ of [1, 2]) {
    const reply = await ask(server, manifestPath)
    expect(reply.body).toEqual(image.bytes)
    expect(reply.headers['content-type']).toBe(image.descriptor.mediaType)
  }

  expect(upstream.count(`HEAD ${manifestPath}`)).toBe(1)
  expect(upstream.count(/^GET .*manifests/)).toBe(1)
})

test('a fetch that is under way is not shared with a repository that has the blob not', async () => {
  const { upstream, server } = await startMirrored()
  const digest = upstream.repository('team/secret').addBlob(Buffer.alloc(200_000, 'secret'))
  upstream.repository('team/other')
  const gate = makeGate()
  upstream.script(/^GET .*blobs/, waitFor(gate))

  const first = ask(server, `/v2/team/secret/blobs/${digest}`)
  await upstream.received(/^GET .*blobs/)
  const second = await ask(server, `/v2/team/other/blobs/${digest}`)
  gate.open()

  expect(second.status).toBe(404)
  expect((await first).status).toBe(200)
})

test('a fetch that fails for one repository is tried for the other', async () => {
  const { upstream, server } = await startMirrored()
  const bytes = Buffer.alloc(200_000, 'shared')
  const digest = upstream.repository('team/app').addBlob(bytes)
  upstream.repository('team/other').addBlob(bytes)
  const gate = makeGate()
  const path = `/v2/team/app/blobs/${digest}`
  upstream.script(`GET ${path}`, fail(403))
  upstream.script(`GET ${path}`, waitFor(gate))

  const first = ask(server, path)
  await upstream.received(`GET ${path}`)
  const second = ask(server, `/v2/team/other/blobs/${digest}`)
  await upstream.received(/^HEAD .*team\/other/)
  gate.open()

  expect((await first).status).toBe(403)
  expect((await second).body.equals(bytes)).toBe(true)
})

test('naming a blob in a manifest elsewhere does not open it', async () => {
  const { upstream, server, bytes, layer } = await startWithKeptImage()
  const stranger = await startUpstream()
  await server.configure({
    upstreams: { 'docker.io': { url: upstream.url }, 'evil.example': { url: stranger.url } },
  })
  const evil = stranger.repository('a/b')
  await evil.addImage('1', smallImage('secret'))
  evil.blobs.delete(layer)
  await ask(server, '/v2/evil.example/a/b/manifests/1')

  const reply = await ask(server, `/v2/evil.example/a/b/blobs/${layer}`)

  expect(reply.status).toBe(404)
  expect(reply.body.includes(bytes)).toBe(false)
  expect(stranger.count(/^HEAD .*blobs/)).toBe(1)
  expect(upstream.count(/^GET .*blobs/)).toBe(1)
})

describe('a kept blob that is named by a kept manifest of another registry', () => {
  const startNamedElsewhere = async (ofOrigin: Settings = {}) => {
    const { upstream, server, bytes, layer } = await startWithKeptImage()
    const elsewhere = await startUpstream()
    const origin = { url: upstream.url, ...ofOrigin }
    const other = { 'registry.example': { url: elsewhere.url } }
    await server.configure({ upstreams: { 'docker.io': origin, ...other } })
    await elsewhere.repository('a/b').addImage('1', smallImage('secret'))
    await ask(server, '/v2/registry.example/a/b/manifests/1')
    const path = `/v2/registry.example/a/b/blobs/${layer}`
    return {
      elsewhere,
      server,
      bytes,
      layer,
      path,
      configure: () => server.configure({ defaultUpstream: 'registry.example', upstreams: other }),
    }
  }

  test('is served while that is down, if anybody may pull it where it came from', async () => {
    const { elsewhere, server, bytes, path } = await startNamedElsewhere()
    await elsewhere.stop()
    expect((await ask(server, path, { method: 'HEAD' })).status).toBe(200)
    const reply = await ask(server, path)
    expect(reply.status).toBe(200)
    expect(reply.body.equals(bytes)).toBe(true)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
  })

  test('is not, if it came from a private upstream', async () => {
    const { elsewhere, server, path } = await startNamedElsewhere({ private: true })
    await elsewhere.stop()
    for (const method of ['HEAD', 'GET']) {
      expect((await ask(server, path, { method })).status).toBe(503)
    }
  })

  test('is not served any longer when that registry can be asked again, and has it not', async () => {
    const { elsewhere, server, layer, path } = await startNamedElsewhere()
    elsewhere.repository('a/b').blobs.delete(layer)
    await server.post('/api/v1/offline', { offline: true })
    for (const _ of [1, 2]) expect((await ask(server, path)).status).toBe(200)
    await server.post('/api/v1/offline', { offline: false })

    for (const method of ['GET', 'HEAD']) {
      expect((await ask(server, path, { method })).status).toBe(404)
    }
  })

  test.each([400, 405, 410])('is not where that registry refuses it with %i', async (status) => {
    const { elsewhere, server, path } = await startNamedElsewhere()
    elsewhere.script(/^HEAD .*blobs/, fail(status))
    expect((await ask(server, path)).status).toBeGreaterThanOrEqual(400)
  })

  test('nor if nobody knows any more whether it did', async () => {
    const { elsewhere, server, path, configure } = await startNamedElsewhere()
    await elsewhere.stop()
    await configure()
    expect((await ask(server, path)).status).toBe(503)
  })
})
