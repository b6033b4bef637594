// Reading what is kept of one repository through another by its digest (zot's CVE-2024-39897): a digest
// is no secret, and opens nothing.

import { describe, expect, test } from 'vitest'
import { type BuiltImage, smallImage } from '../../support/image-builder.ts'
import { pushImage } from '../../support/push-image.ts'
import { ask, errorOf } from '../../support/raw-client.ts'
import { fail, holdAfter, makeGate, setHeaders, waitFor } from '../../support/scripted-behaviour.ts'
import type { ScriptedUpstream } from '../../support/scripted-upstream.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../../support/start-mirrored.ts'
import type { Settings } from '../../support/start-server.ts'

/** An image is kept from team/secret; what there is in team/other, a test says. */
const startWithKeptImage = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/secret')
  const image = await repository.addImage('1', smallImage('secret'))
  const layer = image.layers[0]?.digest ?? ''
  const bytes = repository.blobs.get(layer) ?? Buffer.alloc(0)
  await ask(mirrored.server, '/v2/team/secret/manifests/1')
  await pullUntilKept(mirrored.server, `/v2/team/secret/blobs/${layer}`)
  const blobPath = `/v2/team/other/blobs/${layer}`
  const manifestPath = `/v2/team/other/manifests/${image.descriptor.digest}`
  return { ...mirrored, image, layer, bytes, blobPath, manifestPath }
}

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

/** Says of every digest that it has it, and of every tag that it means `digest`; it sends nothing of it. */
const lie = (stranger: ScriptedUpstream, { descriptor }: BuiltImage, size: number) => {
  const { digest, mediaType, size: length } = descriptor
  const head = { 'content-type': mediaType, 'content-length': String(length) }
  stranger.script(/^HEAD .*manifests/, () => ({
    status: 200,
    headers: { ...head, 'docker-content-digest': digest },
    body: Buffer.alloc(0),
  }))
  stranger.script(/^HEAD .*blobs/, () => ({
    status: 200,
    headers: { 'content-length': String(size) },
    body: Buffer.alloc(0),
  }))
}

describe('an upstream that says it has what it knows the digest of', () => {
  const may = (repositories: string) => ({ who: 'anonymous', repositories, may: ['pull'] })

  /** The image is kept, and closed by then to everybody but through the stranger. */
  const startWithStranger = async (origin: string, isAnyHost = false) => {
    const { upstream, server, layer, image, bytes } = await startWithKeptImage()
    const stranger = await startUpstream()
    const upstreams = {
      'docker.io': { url: upstream.url, private: origin === 'a private upstream' },
      'evil.example': { url: stranger.url },
      ...(isAnyHost && { '*': {} }),
    }
    await server.configure({ upstreams, access: { anonymous: 'push' } })
    const pushed = await pushImage(server, 'team/own', { tag: '1', recipe: smallImage('own') })
    const rules = { anonymous: 'none', rules: [may('evil.example/**')] }
    const access = origin === 'a hosted repository' ? rules : { anonymous: 'pull' }
    await server.configure({ upstreams, access })
    const isPushed = origin === 'a hosted repository'
    const closed = isPushed ? pushed : image
    const secret = closed.layers[0]?.digest ?? ''
    lie(stranger, closed, bytes.length)
    return { upstream, server, stranger, layer, bytes, closed, secret }
  }

  describe.each([
    { origin: 'a private upstream', isAnyHost: false },
    { origin: 'a private upstream', isAnyHost: true },
    { origin: 'a hosted repository', isAnyHost: false },
    { origin: 'a hosted repository', isAnyHost: true },
  ])('reads nothing of $origin, with any host allowed: $isAnyHost', ({ origin, isAnyHost }) => {
    test('neither a blob nor a manifest', async () => {
      const { server, stranger, closed, secret } = await startWithStranger(origin, isAnyHost)
      const manifest = `manifests/${closed.descriptor.digest}`
      for (const what of [`blobs/${secret}`, manifest, 'manifests/latest']) {
        for (const method of ['GET', 'HEAD', 'GET']) {
          const reply = await ask(server, `/v2/evil.example/a/b/${what}`, { method })
          if (method === 'GET') expect(reply.status, what).toBeGreaterThanOrEqual(400)
          expect(reply.headers['x-entrepot-cache']).not.toBe('hit')
        }
      }
      expect(stranger.count(/^GET .*blobs/)).toBeGreaterThan(0)
    })

    test('not by naming it in a manifest of its own and then falling silent', async () => {
      const { server, stranger, closed, secret } = await startWithStranger(origin, isAnyHost)
      const { bytes, descriptor } = closed
      stranger.repository('a/b').addManifest({ bytes, mediaType: descriptor.mediaType }, '1')
      await ask(server, '/v2/evil.example/a/b/manifests/1')
      await stranger.stop()

      expect((await ask(server, `/v2/evil.example/a/b/blobs/${secret}`)).status).toBe(503)
    })
  })

  test('is asked for the bytes, and believed once it has sent them', async () => {
    const { server, stranger, bytes, layer } = await startWithStranger('a private upstream')
    stranger.repository('a/b').addBlob(bytes)
    const path = `/v2/evil.example/a/b/blobs/${layer}`

    expect((await ask(server, path)).body.equals(bytes)).toBe(true)
    expect((await pullUntilKept(server, path)).body.equals(bytes)).toBe(true)
    expect((await ask(server, path, { method: 'HEAD' })).status).toBe(200)
    expect(stranger.count(/^GET .*blobs/)).toBe(1)
  })

  test('reads nothing of a fetch from a private upstream that is under way', async () => {
    const { upstream, server } = await startMirrored()
    const stranger = await startUpstream()
    const content = Buffer.alloc(200_000, 'secret')
    const digest = upstream.repository('team/secret').addBlob(content)
    stranger.script(/^HEAD .*blobs/, setHeaders({ 'content-length': '200000' }))
    stranger.script(/^HEAD .*blobs/, (usual) => ({ ...usual, status: 200 }))
    const gate = makeGate()
    upstream.script(/^GET .*blobs/, holdAfter(100_000, gate))
    const upstreams = (isPrivate: boolean) => ({
      'docker.io': { url: upstream.url, private: isPrivate },
      'evil.example': { url: stranger.url },
    })
    await server.configure({ upstreams: upstreams(false) })

    const first = ask(server, `/v2/team/secret/blobs/${digest}`)
    await upstream.received(/^GET .*blobs/)
    await server.configure({ upstreams: upstreams(true) })
    const second = ask(server, `/v2/evil.example/a/b/blobs/${digest}`)
    // It has looked by then at what there is.
    for (const _ of [1, 2, 3]) await ask(server, '/healthz')
    gate.open()

    expect((await first).status).toBe(200)
    expect((await second).status).toBe(404)
    expect(stranger.count(/^GET .*blobs/)).toBe(1)
  })
})

describe('at a private upstream, what a manifest of another repository names', () => {
  const indexType = 'application/vnd.oci.image.index.v1+json'

  /** Of team/other everybody may pull; of team/secret by now nobody. */
  const startNaming = async () => {
    const { upstream, server, image, layer } = await startWithKeptImage()
    const rules = [{ who: 'anonymous', repositories: 'docker.io/team/other', may: ['pull'] }]
    const upstreams = { 'docker.io': { url: upstream.url, private: true } }
    await server.configure({ upstreams, access: { anonymous: 'pull', rules } })
    const other = upstream.repository('team/other')
    const name = (mediaType: string, content: object) => {
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))
      return other.addManifest({ bytes, mediaType }, '1')
    }
    return { upstream, server, image, layer, name }
  }

  test('is closed: no registry looks whether it has a layer with `urls`', async () => {
    const { server, image, layer, name } = await startNaming()
    const layers = image.layers.map((each) => ({ ...each, urls: ['https://example.com/layer'] }))
    name(image.descriptor.mediaType, { config: image.config, layers })

    expect((await ask(server, '/v2/team/other/manifests/1')).status).toBe(200)
    for (const method of ['GET', 'HEAD'])
      expect((await ask(server, `/v2/team/other/blobs/${layer}`, { method })).status).toBe(404)
  })

  test('is closed: some take an index of manifests that they have not', async () => {
    const { server, image, name } = await startNaming()
    name(indexType, { manifests: [image.descriptor] })

    expect((await ask(server, '/v2/team/other/manifests/1')).status).toBe(200)
    const path = `/v2/team/other/manifests/${image.descriptor.digest}`
    for (const method of ['GET', 'HEAD'])
      expect((await ask(server, path, { method })).status).toBe(404)
  })

  test('is closed from when it is private, though it was pulled before', async () => {
    const { upstream, server, image, layer } = await startWithKeptImage()
    const { bytes, descriptor } = image
    const { mediaType } = descriptor
    upstream.repository('team/other').addManifest({ bytes, mediaType }, '1')
    await ask(server, '/v2/team/other/manifests/1')
    const path = `/v2/team/other/blobs/${layer}`
    for (const _ of [1, 2]) expect((await ask(server, path)).status).toBe(200)
    const rules = [{ who: 'anonymous', repositories: 'docker.io/team/other', may: ['pull'] }]
    const upstreams = { 'docker.io': { url: upstream.url, private: true } }

    await server.configure({ upstreams, access: { anonymous: 'pull', rules } })

    for (const _ of [1, 2]) expect((await ask(server, path)).status).toBe(404)
  })

  test('is open once upstream says that it is there too', async () => {
    const { upstream, server, image, layer } = await startNaming()
    await upstream.repository('team/other').addImage('1', smallImage('secret'))

    expect((await ask(server, '/v2/team/other/manifests/1')).body).toEqual(image.bytes)
    for (const _ of [1, 2])
      expect((await ask(server, `/v2/team/other/blobs/${layer}`)).status).toBe(200)
    expect(upstream.count(/^HEAD .*team\/other\/blobs/)).toBe(1)
  })
})
