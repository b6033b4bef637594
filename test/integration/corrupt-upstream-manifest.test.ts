import { describe, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import {
  compress,
  cutAfter,
  dropHeader,
  sendInstead,
  sendPage,
  setHeaders,
} from '../support/scripted-behaviour.ts'
import type { Behaviour } from '../support/scripted-upstream.ts'
import { startMirrored, tagTtlMs } from '../support/start-mirrored.ts'

const imageManifest = 'application/vnd.oci.image.manifest.v1+json'
const imageIndex = 'application/vnd.oci.image.index.v1+json'
const byTag = '/v2/team/app/manifests/1'

/** A manifest of that many bytes, to the byte. */
const manifestOf = (length: number): Buffer => {
  const around = { schemaVersion: 2, mediaType: imageManifest, layers: [], note: '' }
  const note = 'x'.repeat(length - JSON.stringify(around).length)
  return Buffer.from(JSON.stringify({ ...around, note }))
}

const withoutDigest = (body: Buffer): Behaviour => {
  return async (usual, request) =>
    dropHeader('docker-content-digest')(await sendInstead(body)(usual, request), request)
}

describe('a manifest', () => {
  test.each<{ name: string; behaviour: Behaviour; status?: number }>([
    { name: 'with other bytes than its digest says', behaviour: sendInstead(manifestOf(900)) },
    { name: 'that is a page for people', behaviour: sendPage },
    { name: 'that comes compressed', behaviour: compress },
    { name: 'that breaks off', behaviour: cutAfter(50), status: 503 },
    { name: 'that is no JSON', behaviour: withoutDigest(Buffer.from('{"schemaVersion":2')) },
    { name: 'that is JSON but no object', behaviour: withoutDigest(Buffer.from('[]')) },
    { name: 'of schema 1', behaviour: withoutDigest(Buffer.from('{"schemaVersion":1}')) },
    {
      name: 'whose type and content disagree',
      behaviour: setHeaders({ 'content-type': imageIndex }),
    },
    {
      name: 'that is an index besides',
      behaviour: withoutDigest(
        Buffer.from(JSON.stringify({ schemaVersion: 2, config: {}, layers: [], manifests: [] })),
      ),
    },
    { name: 'of more than 4 MiB', behaviour: withoutDigest(manifestOf(4 * 1024 * 1024 + 1)) },
    {
      name: 'of more than 4 MiB that announces no length',
      behaviour: async (usual, request) =>
        dropHeader('content-length')(
          await withoutDigest(manifestOf(5 * 1024 * 1024))(usual, request),
          request,
        ),
    },
  ])('$name is refused and not kept, by tag and by digest', async ({ behaviour, status = 502 }) => {
    const { upstream, server } = await startMirrored()
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const mend = upstream.script(/^GET .*manifests/, behaviour)

    for (const path of [byTag, `/v2/team/app/manifests/${image.descriptor.digest}`]) {
      const reply = await ask(server, path)
      expect(reply.status).toBe(status)
      expect(errorOf(reply).code).toBe('UNAVAILABLE')
      expect(errorOf(reply).message).toContain('docker.io')
    }
    expect(await server.listBlobs()).toEqual([])
    expect(await server.listPartials()).toEqual([])

    mend()
    expect((await ask(server, byTag)).body).toEqual(image.bytes)
  })

  test('of just 4 MiB is served', async () => {
    const { upstream, server } = await startMirrored()
    const bytes = manifestOf(4 * 1024 * 1024)
    upstream.repository('team/app').addManifest({ bytes, mediaType: imageManifest }, '1')

    const reply = await ask(server, byTag)

    expect(reply.status).toBe(200)
    expect(reply.body.equals(bytes)).toBe(true)
  })

  test('that is kept is served stale while upstream sends something else by its digest', async () => {
    const { upstream, server, clock } = await startMirrored()
    const repository = upstream.repository('team/app')
    const old = await repository.addImage('1', smallImage('old'))
    await ask(server, byTag)
    await repository.addImage('1', smallImage('new'))
    upstream.script(/^GET .*manifests/, sendInstead(manifestOf(900)))
    clock.advance(tagTtlMs)

    const reply = await ask(server, byTag)

    expect(reply.body).toEqual(old.bytes)
    expect(reply.headers['x-entrepot-cache']).toBe('stale')
    expect(reply.headers.warning).toContain('wrong digest')
  })
})

describe('HEAD for what is not kept', () => {
  test.each(['1', `sha256:${'0'.repeat(64)}`])(
    'finds no manifest %s where upstream sends a page for people',
    async (reference) => {
      const { upstream, server } = await startMirrored()
      upstream.script(/manifests/, sendPage)

      const reply = await ask(server, `/v2/team/app/manifests/${reference}`, { method: 'HEAD' })

      expect(reply.status).toBe(502)
    },
  )
})
