import { describe, expect, test } from 'vitest'
import { smallImage, threePlatforms } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { setHeaders } from '../support/scripted-behaviour.ts'
import { digestOf } from '../support/scripted-content.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
const byTag = '/v2/team/app/manifests/1'

describe('a manifest', () => {
  test('comes by tag byte for byte, with its type, length and digest', async () => {
    const { upstream, server } = await startMirrored()
    const { bytes, descriptor } = await upstream
      .repository('team/app')
      .addImage('1', smallImage('a'))

    const reply = await ask(server, byTag)

    expect(reply.status).toBe(200)
    expect(reply.body).toEqual(bytes)
    expect(reply.headers).toMatchObject({
      'content-type': descriptor.mediaType,
      'content-length': String(bytes.length),
      'docker-content-digest': descriptor.digest,
      'docker-distribution-api-version': 'registry/2.0',
      etag: `"${descriptor.digest}"`,
      'x-entrepot-cache': 'miss',
    })
    expect(reply.headers).not.toHaveProperty('content-encoding')
    expect(reply.headers).not.toHaveProperty('transfer-encoding')
    expect(upstream.count(/manifests/)).toBe(1)
  })

  test('is asked for with every type that clients know, whatever the client accepts', async () => {
    const { upstream, server } = await startMirrored()
    await upstream.repository('team/app').addImage('1', smallImage('a'))

    const reply = await ask(server, byTag, { headers: { accept: 'text/plain' } })

    expect(reply.status).toBe(200)
    const [asked] = upstream.find(/manifests/)
    expect(asked?.headers.accept).toContain('application/vnd.oci.image.index.v1+json')
    expect(asked?.headers.accept).toContain(dockerManifest)
    expect(asked?.headers['accept-encoding']).toBe('identity')
  })

  test('comes by digest after it came by tag, without a request upstream', async () => {
    const { upstream, server } = await startMirrored()
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    await ask(server, byTag)

    const reply = await ask(server, `/v2/team/app/manifests/${image.descriptor.digest}`)

    expect(reply.body).toEqual(image.bytes)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
    expect(upstream.count(/manifests/)).toBe(1)
  })

  test('has the same headers for HEAD as for GET, and no body', async () => {
    const { upstream, server } = await startMirrored()
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    await ask(server, byTag)

    for (const reference of ['1', image.descriptor.digest]) {
      const got = await ask(server, `/v2/team/app/manifests/${reference}`)
      const head = await ask(server, `/v2/team/app/manifests/${reference}`, { method: 'HEAD' })
      expect(head.status).toBe(200)
      expect(head.body).toHaveLength(0)
      expect({ ...head.headers, date: '' }).toEqual({ ...got.headers, date: '' })
    }
  })

  test('asked for by its sha512 bears that digest', async () => {
    const { upstream, server } = await startMirrored()
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const digest = digestOf(image.bytes, 'sha512')

    for (const cache of ['miss', 'hit']) {
      const reply = await ask(server, `/v2/team/app/manifests/${digest}`)
      expect(reply.body).toEqual(image.bytes)
      expect(reply.headers['docker-content-digest']).toBe(digest)
      expect(reply.headers['x-entrepot-cache']).toBe(cache)
    }
    expect(upstream.count(/manifests/)).toBe(1)
  })

  test('of a docker type keeps that type', async () => {
    const { upstream, server } = await startMirrored()
    const recipe = { ...smallImage('a'), mediaTypes: 'docker' as const }
    await upstream.repository('team/app').addImage('1', recipe)

    const reply = await ask(server, byTag)

    expect(reply.headers['content-type']).toBe(dockerManifest)
  })

  test('of which upstream gives the type with a charset is served without', async () => {
    const { upstream, server } = await startMirrored()
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const type = `${image.descriptor.mediaType}; charset=utf-8`
    upstream.script(/manifests/, setHeaders({ 'content-type': type }))

    for (const method of ['HEAD', 'GET', 'GET', 'HEAD']) {
      const reply = await ask(server, byTag, { method })
      expect(reply.headers['content-type']).toBe(image.descriptor.mediaType)
    }
  })

  test.each(['application/json', 'text/plain; charset=utf-8', 'application/octet-stream'])(
    'that upstream calls %s gets its type from the body',
    async (vague) => {
      const { upstream, server } = await startMirrored()
      const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
      upstream.script(/manifests/, setHeaders({ 'content-type': vague }))

      for (const method of ['HEAD', 'GET', 'HEAD']) {
        const reply = await ask(server, byTag, { method })
        expect(reply.status).toBe(200)
        expect(reply.headers['content-type']).toBe(image.descriptor.mediaType)
      }
    },
  )

  test('that upstream has not is unknown, and the answer names the upstream', async () => {
    const { upstream, server } = await startMirrored()
    upstream.repository('team/app')

    const reply = await ask(server, '/v2/team/app/manifests/2')

    expect(reply.status).toBe(404)
    expect(reply.body.toString()).toContain('MANIFEST_UNKNOWN')
    expect(reply.body.toString()).toContain('docker.io')
  })
})

describe('an index', () => {
  test('comes whole, byte for byte, also to a client that accepts manifests only', async () => {
    const { upstream, server } = await startMirrored()
    const index = await upstream
      .repository('team/app')
      .addIndex('1', smallImage('a'), threePlatforms)

    const accept = 'application/vnd.oci.image.manifest.v1+json'
    const reply = await ask(server, byTag, { headers: { accept } })

    expect(reply.body).toEqual(index.bytes)
    expect(reply.headers['content-type']).toBe(index.descriptor.mediaType)
    for (const { bytes, descriptor } of index.images) {
      const child = await ask(server, `/v2/team/app/manifests/${descriptor.digest}`)
      expect(child.body).toEqual(bytes)
    }
    expect(upstream.count(/manifests/)).toBe(1 + index.images.length)
  })
})
