import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ociManifest } from '../../src/oci/media-type.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const config = Buffer.from('{}')

let directory: TemporaryDirectory
let server: StartedServer
let base: string

describe.each([1, 2])('with %i threads', (threads) => {
  beforeAll(async () => {
    directory = await makeTemporaryDirectory()
    server = await startServer(directory.path, {
      listen: '127.0.0.1:0',
      threads,
      offline: true,
      access: { anonymous: 'push' },
    })
    base = `http://127.0.0.1:${server.port}`
  })
  afterAll(async () => {
    await server.stop()
    await directory.remove()
  })

  const ask = (method: string, path: string, init: RequestInit = {}) =>
    fetch(new URL(path, base), { method, ...init })

  async function pushBlob(repository: string, bytes: Buffer): Promise<void> {
    const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`)
    expect(begun.status).toBe(202)
    const place = new URL(begun.headers.get('location') ?? '', base)
    const sent = await ask('PATCH', place.href, { body: new Uint8Array(bytes) })
    expect(sent.status, await sent.text()).toBe(202)
    expect(sent.headers.get('range')).toBe(`0-${bytes.length - 1}`)
    const next = new URL(sent.headers.get('location') ?? '', base)
    next.searchParams.set('digest', digestOf(bytes))
    const done = await ask('PUT', next.href)
    expect(done.status, await done.text()).toBe(201)
    expect(done.headers.get('docker-content-digest')).toBe(digestOf(bytes))
  }

  async function pushImage(repository: string, tag: string, details: object = {}) {
    await pushBlob(repository, content)
    await pushBlob(repository, config)
    const describe = (bytes: Buffer, mediaType: string) => {
      return { mediaType, digest: digestOf(bytes), size: bytes.length }
    }
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: ociManifest,
      config: describe(config, 'application/vnd.oci.image.config.v1+json'),
      layers: [describe(content, 'application/vnd.oci.image.layer.v1.tar')],
      ...details,
    })
    const put = await ask('PUT', `/v2/${repository}/manifests/${tag}`, {
      body: manifest,
      headers: { 'Content-Type': ociManifest },
    })
    return { put, manifest, digest: digestOf(Buffer.from(manifest)) }
  }

  test('an image that is pushed can be pulled, by tag and by digest', async () => {
    const { put, manifest, digest: imageDigest } = await pushImage('team/app', 'v1')
    expect(put.status).toBe(201)
    expect(put.headers.get('docker-content-digest')).toBe(imageDigest)
    for (const reference of ['v1', imageDigest]) {
      const got = await ask('GET', `/v2/team/app/manifests/${reference}`)
      expect(got.status).toBe(200)
      expect(got.headers.get('x-entrepot-cache')).toBe('hosted')
      expect(got.headers.get('content-type')).toBe(ociManifest)
      expect(got.headers.get('oci-namespace')).toBeNull()
      expect(await got.text()).toBe(manifest)
    }
    const blob = await ask('GET', `/v2/team/app/blobs/${digest}`)
    expect(Buffer.from(await blob.arrayBuffer())).toEqual(content)
    const list = await ask('GET', '/v2/team/app/tags/list')
    expect(await list.json()).toEqual({ name: 'team/app', tags: ['v1'] })
  })

  test('a tag that moves is moved for every client at once, and one that is removed is gone', async () => {
    for (let round = 0; round < 10; round++) {
      const { put, digest: imageDigest } = await pushImage('team/moving', 'latest', {
        annotations: { round: `${round}` },
      })
      expect(put.status).toBe(201)
      for (let times = 0; times < 4; times++) {
        const got = await ask('HEAD', '/v2/team/moving/manifests/latest')
        expect(got.headers.get('docker-content-digest')).toBe(imageDigest)
      }
    }
    expect((await ask('DELETE', '/v2/team/moving/manifests/latest')).status).toBe(202)
    for (let times = 0; times < 4; times++) {
      expect((await ask('GET', '/v2/team/moving/manifests/latest')).status).toBe(404)
    }
  })

  test('a blob is only had by the repository that it was pushed to', async () => {
    await pushImage('team/one', 'v1')
    const secret = Buffer.from(`secret ${threads}`)
    await pushBlob('team/two', secret)
    await pushImage('team/two', 'v1')
    const path = `/blobs/${digestOf(secret)}`
    expect((await ask('HEAD', `/v2/team/two${path}`)).status).toBe(200)
    expect((await ask('HEAD', `/v2/team/one${path}`)).status).toBe(404)
    expect((await ask('GET', `/v2/team/one${path}`)).status).toBe(404)
    const mounted = await ask(
      'POST',
      `/v2/team/one/blobs/uploads/?mount=${digestOf(secret)}&from=team/two`,
    )
    expect(mounted.status).toBe(201)
    expect((await ask('GET', `/v2/team/one${path}`)).status).toBe(200)
    expect((await ask('DELETE', `/v2/team/one${path}`)).status).toBe(202)
    for (let times = 0; times < 4; times++) {
      expect((await ask('GET', `/v2/team/one${path}`)).status).toBe(404)
    }
    expect((await ask('GET', `/v2/team/two${path}`)).status).toBe(200)
  })

  test('what is out of order is refused, and the upload goes on', async () => {
    const begun = await ask('POST', '/v2/team/app/blobs/uploads/')
    const place = new URL(begun.headers.get('location') ?? '', base)
    const patch = (body: string, range: string) =>
      ask('PATCH', place.href, { body, headers: { 'Content-Range': range } })
    expect((await patch('hello', '0-4')).status).toBe(202)
    expect((await patch('world', '6-10')).status).toBe(416)
    const state = await ask('GET', place.href)
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-4'])
    expect((await patch(' world', '5-10')).status).toBe(202)
    place.searchParams.set('digest', digestOf(Buffer.from('hello')))
    expect((await ask('PUT', place.href)).status).toBe(400)
    place.searchParams.set('digest', digestOf(Buffer.from('hello world')))
    expect((await ask('PUT', place.href)).status).toBe(201)
  })

  test('a large blob arrives whole, by one request', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024, createHash('sha256').update('x').digest())
    const wanted = digestOf(bytes)
    const done = await ask('POST', `/v2/team/app/blobs/uploads/?digest=${wanted}`, {
      body: new Uint8Array(bytes),
    })
    expect(done.status).toBe(201)
    await pushImage('team/app', 'large')
    const got = await ask('GET', `/v2/team/app/blobs/${wanted}`)
    expect(digestOf(Buffer.from(await got.arrayBuffer()))).toBe(wanted)
  })
})
