// Cache poisoning: what one request, client or upstream does must not change what another is given. That
// no wrong byte is kept is in corrupt-upstream-blob.test.ts and corrupt-upstream-manifest.test.ts, that no
// name of ours is answered from outside in precedence.test.ts.
//
// The first tests: containerd before 2.0.11 looks for `image@sha256:...` under /blobs/ when /manifests/ fails, and keeps
// what it gets there without its media type (containerd#13007).

import { describe, expect, test } from 'vitest'
import { digestOf, smallImage, threePlatforms } from '../../support/image-builder.ts'
import { putManifest, uploadBlob } from '../../support/push-image.ts'
import { ask, errorOf } from '../../support/raw-client.ts'
import { dropHeader, setHeaders } from '../../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../../support/start-mirrored.ts'

/** Like distribution, the upstream serves manifests under /blobs/ too. */
const startWithIndex = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const index = await repository.addIndex('1', smallImage('a'), threePlatforms)
  for (const { bytes } of [index, ...index.images]) repository.addBlob(bytes)
  const child = index.images[0]
  if (!child) throw new Error('the index is empty')
  return { ...mirrored, index, child }
}

const expectNoBlob = async (server: { port: number }, digest: string) => {
  for (const method of ['GET', 'HEAD']) {
    const reply = await ask(server, `/v2/team/app/blobs/${digest}`, { method })
    expect(reply.status, method).toBe(404)
    if (method === 'GET') expect(errorOf(reply).code).toBe('BLOB_UNKNOWN')
  }
}

test('a kept index is no blob', async () => {
  const { server, index } = await startWithIndex()
  await ask(server, '/v2/team/app/manifests/1')

  await expectNoBlob(server, index.descriptor.digest)
})

test('a kept manifest is no blob in another repository either', async () => {
  const { upstream, server, child } = await startWithIndex()
  upstream.repository('team/other').addBlob(child.bytes)
  await ask(server, `/v2/team/app/manifests/${child.descriptor.digest}`)

  const reply = await ask(server, `/v2/team/other/blobs/${child.descriptor.digest}`)

  expect(reply.status).toBe(404)
})

test('a manifest that a kept index lists is no blob, though it was never pulled', async () => {
  const { server, child } = await startWithIndex()
  await ask(server, '/v2/team/app/manifests/1')

  await expectNoBlob(server, child.descriptor.digest)
})

test('what was served as a blob is none any more once it is known to be a manifest', async () => {
  const { server, child } = await startWithIndex()
  await pullUntilKept(server, `/v2/team/app/blobs/${child.descriptor.digest}`)
  const manifest = await ask(server, `/v2/team/app/manifests/${child.descriptor.digest}`)
  expect(manifest.body).toEqual(child.bytes)

  await expectNoBlob(server, child.descriptor.digest)
})

const imageType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

describe('a document without a mediaType (GHSA-qq97-vm5h-rrhg)', () => {
  const content = Buffer.from('{}')
  const descriptor = { mediaType: imageType, digest: digestOf(content), size: content.length }
  const image = { schemaVersion: 2, config: descriptor, layers: [descriptor] }
  const index = { schemaVersion: 2, manifests: [] }
  const both = { ...image, ...index }

  test.each([
    { name: 'an image', document: image, as: imageType, status: 201 },
    { name: 'an index', document: index, as: indexType, status: 201 },
    { name: 'an image as an index', document: image, as: indexType, status: 400 },
    { name: 'an index as an image', document: index, as: imageType, status: 400 },
    { name: 'both as an image', document: both, as: imageType, status: 400 },
    { name: 'both as an index', document: both, as: indexType, status: 400 },
  ])(
    'is pushed as what it is, and never as two things: $name',
    async ({ document, as, status }) => {
      const { server } = await startMirrored({}, { access: { anonymous: 'push' } })
      await uploadBlob(server, 'team/own', { digest: descriptor.digest, bytes: content })
      const bytes = Buffer.from(JSON.stringify(document))
      const pushed = { reference: '1', mediaType: as, bytes }

      expect((await putManifest(server, 'team/own', pushed)).status).toBe(status)

      const reply = await ask(server, '/v2/team/own/manifests/1')
      expect(reply.status).toBe(status === 201 ? 200 : 404)
      if (status === 201) expect(reply.headers['content-type']).toBe(as)
    },
  )

  test.each([
    { name: 'an image as an index', document: image, as: indexType },
    { name: 'an index as an image', document: index, as: imageType },
    { name: 'both as an image', document: both, as: imageType },
    { name: 'both as an index', document: both, as: indexType },
  ])('is not mirrored as another than it is: $name', async ({ document, as }) => {
    const { upstream, server } = await startMirrored()
    const bytes = Buffer.from(JSON.stringify(document))
    upstream.repository('team/app').addManifest({ bytes, mediaType: as }, '1')

    expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(502)
    expect(await server.listBlobs()).toEqual([])
  })

  test('has in each repository the type that its own upstream gave it', async () => {
    const { upstream, server } = await startMirrored()
    const bytes = Buffer.from(JSON.stringify(image))
    const custom = 'application/vnd.evil.thing.v1+json'
    upstream.repository('team/evil').addManifest({ bytes, mediaType: custom }, '1')
    upstream.repository('team/app').addManifest({ bytes, mediaType: imageType }, '1')

    const types: unknown[] = []
    for (const name of ['evil', 'app', 'evil', 'app']) {
      const reply = await ask(server, `/v2/team/${name}/manifests/1`)
      types.push(reply.headers['content-type'])
    }

    expect(types).toEqual([types[0], imageType, types[0], imageType])
  })
})

describe('what a client sends along changes nothing for the next', () => {
  const oddities: readonly Readonly<Record<string, string>>[] = [
    { accept: 'text/html' },
    { accept: 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
    { accept: indexType, 'accept-encoding': 'gzip, br' },
    { range: 'bytes=0-9' },
    { 'if-none-match': '*' },
    { 'if-range': '"x"', range: 'bytes=0-1' },
    { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    { 'x-original-url': '/v2/team/other/manifests/1', 'x-rewrite-url': '/healthz' },
    { 'x-http-method-override': 'DELETE' },
    { 'transfer-encoding': 'chunked' },
    { 'cache-control': 'no-cache', pragma: 'no-cache' },
  ]

  test.each(oddities)('%j', async (headers) => {
    const { upstream, server } = await startMirrored()
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const layer = image.layers[0]?.digest ?? ''
    const bytes = upstream.repository('team/app').blobs.get(layer)
    const paths = ['/v2/team/app/manifests/1', `/v2/team/app/blobs/${layer}`]
    for (const path of paths) {
      for (const method of ['HEAD', 'GET']) await ask(server, path, { method, headers })
      await pullUntilKept(server, path)
      for (const method of ['HEAD', 'GET', 'GET']) await ask(server, path, { method, headers })
    }

    const [manifest, blob] = [await ask(server, paths[0] ?? ''), await ask(server, paths[1] ?? '')]

    expect(manifest).toMatchObject({ status: 200, body: image.bytes })
    expect(manifest.headers['content-type']).toBe(image.descriptor.mediaType)
    expect(blob).toMatchObject({ status: 200, body: bytes })
    expect(JSON.stringify([manifest.headers, blob.headers])).not.toContain('evil.example')
    // One kind of question goes upstream, whatever ours was asked with.
    const accepts = upstream.find(/manifests/).map(({ headers }) => headers.accept)
    expect(new Set(accepts).size).toBe(1)
    expect(upstream.requests.some(({ headers }) => headers.range === 'bytes=0-9')).toBe(false)
  })
})

test('what an upstream sends beside the content is no part of the answer', async () => {
  const { upstream, server } = await startMirrored()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  const headers = {
    'set-cookie': 'session=poison',
    'access-control-allow-origin': '*',
    'strict-transport-security': 'max-age=1',
    'clear-site-data': '"*"',
    link: '<https://evil.example>; rel="next"',
    location: 'https://evil.example',
    'www-authenticate': 'Basic realm="evil"',
    'content-security-policy': 'script-src *',
    'x-entrepot-cache': 'poison',
    connection: 'close, x-entrepot-cache',
  }
  upstream.script(/team/, setHeaders(headers))

  for (const path of ['manifests/1', 'manifests/none', 'tags/list']) {
    const reply = await ask(server, `/v2/team/app/${path}`)
    const text = JSON.stringify(reply.headers)
    expect(text).not.toMatch(/poison|evil|script-src|max-age=1"|clear-site|access-control/)
  }
})

test('a tag means what upstream says it means, whatever digest another tag was announced with', async () => {
  const { upstream, server } = await startMirrored()
  const repository = upstream.repository('team/app')
  const [one, two] = [
    await repository.addImage('1', smallImage('a')),
    await repository.addImage('2', smallImage('b')),
  ]
  upstream.script(/^GET .*manifests\/1$/, dropHeader('docker-content-digest'))
  const lying = { 'docker-content-digest': two.descriptor.digest }
  const mend = upstream.script(/^HEAD .*manifests\/1$/, setHeaders(lying))
  await ask(server, '/v2/team/app/manifests/1', { method: 'HEAD' })
  mend()
  await ask(server, '/v2/team/app/manifests/2')

  const byDigest = await ask(server, `/v2/team/app/manifests/${one.descriptor.digest}`)

  expect(byDigest.body).toEqual(one.bytes)
  expect((await ask(server, '/v2/team/app/manifests/2')).body).toEqual(two.bytes)
})
