// Reading what is kept of one repository through another whose upstream, or whose manifest, claims to
// have it (the class of zot's CVE-2024-39897, seen from the side of a mirror).

import { describe, expect, test } from 'vitest'
import { type BuiltImage, smallImage } from '../../support/image-builder.ts'
import { pushImage } from '../../support/push-image.ts'
import { ask } from '../../support/raw-client.ts'
import { holdAfter, makeGate, setHeaders } from '../../support/scripted-behaviour.ts'
import type { ScriptedUpstream } from '../../support/scripted-upstream.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../../support/start-mirrored.ts'
import { startWithKeptImage } from '../../support/start-with-kept-image.ts'

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
