import { expect, test } from 'vitest'
import { smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage, putManifest, uploadBlob } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import type { ScriptedUpstream } from '../support/scripted-upstream.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

// What is private is for who may pull it by a rule; here that is everybody, so that it is kept.
const rules = [{ who: 'anonymous', repositories: '**', may: 'pull' }]
const open = { access: { anonymous: 'push', rules } }

/** Pulls an image with all its blobs, and waits until they are kept. */
const pullAll = async (
  server: Parameters<typeof pullUntilKept>[0],
  repository: string,
  { reference, blobs }: { reference: string; blobs: readonly string[] },
) => {
  expect((await ask(server, `/v2/${repository}/manifests/${reference}`)).status).toBe(200)
  for (const digest of blobs) await pullUntilKept(server, `/v2/${repository}/blobs/${digest}`)
}

const startWithImage = async (ofUpstream = {}) => {
  const mirrored = await startMirrored(ofUpstream, open)
  const image = await mirrored.upstream.repository('library/node').addImage('20', smallImage('n'))
  const blobs = [image.config, ...image.layers].map(({ digest }) => digest)
  await pullAll(mirrored.server, 'docker.io/library/node', { reference: '20', blobs })
  await mirrored.upstream.stop()
  const manifest = { mediaType: image.descriptor.mediaType, bytes: image.bytes }
  return { ...mirrored, image, blobs, manifest }
}

test('a mirrored image is pushed under another name without an upload', async () => {
  const { server, blobs, manifest, image } = await startWithImage()
  const early = await putManifest(server, 'team/node', { reference: '1', ...manifest })
  expect(early.status).toBe(404)
  for (const digest of blobs) {
    const found = await ask(server, `/v2/team/node/blobs/${digest}`, { method: 'HEAD' })
    expect([found.status, found.headers['x-entrepot-cache']]).toEqual([200, 'hosted'])
  }
  expect((await putManifest(server, 'team/node', { reference: '1', ...manifest })).status).toBe(201)
  expect((await ask(server, '/v2/team/node/manifests/1')).body).toEqual(image.bytes)
  for (const digest of blobs) {
    expect((await ask(server, `/v2/team/node/blobs/${digest}`)).status).toBe(200)
  }
})

test('it is mounted too, by the name it was mirrored under and by none', async () => {
  const { server, blobs } = await startWithImage()
  for (const from of ['&from=docker.io/library/node', '&from=library/node', '']) {
    const path = `/v2/team/node/blobs/uploads/?mount=${blobs[0]}${from}`
    expect((await ask(server, path, { method: 'POST' })).status).toBe(201)
  }
})

test('nothing is given away of a private upstream, nor of another repository', async () => {
  const { server, blobs } = await startWithImage({ private: true })
  const theirs = await pushImage(server, 'team/secret', { tag: '1', recipe: smallImage('secret') })
  for (const digest of [...blobs, ...theirs.layers.map((layer) => layer.digest)]) {
    const head = await ask(server, `/v2/team/node/blobs/${digest}`, { method: 'HEAD' })
    expect(head.status).toBe(404)
    const mount = `/v2/team/node/blobs/uploads/?mount=${digest}`
    expect((await ask(server, mount, { method: 'POST' })).status).toBe(202)
  }
})

test('copy makes it a hosted one, without the network', async () => {
  const { server, image, blobs } = await startWithImage()
  const copied = await server.post('/api/v1/copy', {
    from: 'docker.io/library/node:20',
    to: 'node:20',
  })
  expect(copied.status, String(copied.body)).toBe(200)
  expect(JSON.parse(String(copied.body))).toMatchObject({ missing: [], imageCount: 1 })
  const got = await ask(server, '/v2/node/manifests/20')
  expect([got.headers['x-entrepot-cache'], got.body]).toEqual(['hosted', image.bytes])
  for (const digest of blobs) {
    expect((await ask(server, `/v2/node/blobs/${digest}`)).headers['x-entrepot-cache']).toBe(
      'hosted',
    )
  }
  // And a hosted one another.
  const retagged = await server.post('/api/v1/copy', { from: 'node:20', to: 'team/node:stable' })
  expect(retagged.status, String(retagged.body)).toBe(200)
  expect((await ask(server, '/v2/team/node/manifests/stable')).body).toEqual(image.bytes)
})

test('copy takes the platforms that are kept, and says which are not', async () => {
  const { server, upstream } = await startMirrored({}, open)
  const index = await upstream
    .repository('library/node')
    .addIndex('20', smallImage('i'), threePlatforms)
  const [kept, ...others] = index.images
  if (!kept) throw new Error('an index without images')
  const repository = 'docker.io/library/node'
  await pullAll(server, repository, { reference: '20', blobs: [] })
  const nothing = await server.post('/api/v1/copy', { from: `${repository}:20`, to: 'node:20' })
  expect(nothing.status).toBe(404)
  const blobs = [kept.config, ...kept.layers].map(({ digest }) => digest)
  await pullAll(server, repository, { reference: kept.descriptor.digest, blobs })

  const copied = await server.post('/api/v1/copy', { from: `${repository}:20`, to: 'node:20' })

  expect(JSON.parse(String(copied.body))).toMatchObject({
    digest: index.descriptor.digest,
    imageCount: 2,
    missing: others.map(({ descriptor }) => descriptor.digest),
  })
  expect((await ask(server, '/v2/node/manifests/20')).body).toEqual(index.bytes)
  expect((await ask(server, `/v2/node/manifests/${kept.descriptor.digest}`)).status).toBe(200)
  const missing = await ask(server, `/v2/node/manifests/${others[0]?.descriptor.digest}`)
  expect(missing.status).toBe(404)
})

type Image = Awaited<ReturnType<ReturnType<ScriptedUpstream['repository']>['addImage']>>

const startWithIndex = async (config = {}) => {
  const mirrored = await startMirrored({}, { ...open, ...config })
  const node = mirrored.upstream.repository('library/node')
  const index = await node.addIndex('20', smallImage('i'), threePlatforms)
  await pullAll(mirrored.server, 'docker.io/library/node', { reference: '20', blobs: [] })
  const copy = (to: string, tag = '20') =>
    mirrored.server.post('/api/v1/copy', { from: `docker.io/library/node:${tag}`, to })
  return { ...mirrored, node, index, copy }
}

/** All of it, or its manifest and all of its blobs but the last. */
const pullPart = (
  server: Parameters<typeof pullUntilKept>[0],
  { config, layers, descriptor }: Image,
  blobCount = layers.length + 1,
) => {
  const blobs = [config, ...layers].map(({ digest }) => digest).slice(0, blobCount)
  const image = { reference: descriptor.digest, blobs }
  return pullAll(server, 'docker.io/library/node', image)
}

test('copy leaves out a platform that lacks a layer, and takes the one that is whole', async () => {
  const { server, index, copy } = await startWithIndex()
  const [sparse, kept, absent] = index.images
  if (!sparse || !kept || !absent) throw new Error('an index of three was wanted')
  await pullPart(server, sparse, sparse.layers.length)
  await pullPart(server, kept)

  const copied = await copy('node:20')

  expect(copied.status, String(copied.body)).toBe(200)
  const missing = [sparse, absent].map(({ descriptor }) => descriptor.digest)
  expect(JSON.parse(String(copied.body))).toMatchObject({ imageCount: 2, missing })
  const statusOf = async ({ descriptor }: Image) =>
    (await ask(server, `/v2/node/manifests/${descriptor.digest}`)).status
  expect([await statusOf(sparse), await statusOf(kept)]).toEqual([404, 200])
})

test('a copy of which nothing is whole leaves the name to its upstream', async () => {
  const { server, index, copy } = await startWithIndex()
  for (const image of index.images) await pullPart(server, image, image.layers.length)
  expect((await ask(server, '/v2/node/manifests/20')).status).toBe(200)

  const refused = await copy('node:20')

  expect([refused.status, String(refused.body)]).toEqual([404, expect.stringContaining('pull it')])
  const pulled = await ask(server, '/v2/node/manifests/20')
  expect([pulled.status, pulled.headers['x-entrepot-cache']]).toEqual([200, 'hit'])
})

test('a copy to a tag that must not move changes nothing at all', async () => {
  const hosted = { immutableTags: ['v*'] }
  const { server, index, node, copy } = await startWithIndex({ hosted })
  for (const image of index.images) await pullPart(server, image)
  const other = await node.addImage('21', smallImage('other'))
  await pullAll(server, 'docker.io/library/node', { reference: '21', blobs: [] })
  await pullPart(server, other)
  expect((await copy('team/node:v1', '21')).status).toBe(200)

  const refused = await copy('team/node:v1', '20')

  const what = expect.stringContaining("team/node:v1 can't be moved")
  expect([refused.status, String(refused.body)]).toEqual([403, what])
  expect((await ask(server, '/v2/team/node/manifests/v1')).body).toEqual(other.bytes)
  for (const { descriptor } of index.images) {
    const absent = await ask(server, `/v2/team/node/manifests/${descriptor.digest}`)
    expect(absent.status).toBe(404)
  }
  expect((await copy('team/node:v1', '21')).status).toBe(200)
})

test('copy refuses what is not kept, and where nothing may be put', async () => {
  const { server } = await startWithImage()
  const copy = (from: string, to: string) => server.post('/api/v1/copy', { from, to })
  expect((await copy('docker.io/library/other:1', 'node:20')).status).toBe(404)
  expect((await copy('docker.io/library/node:21', 'node:20')).status).toBe(404)
  expect((await copy('docker.io/library/node:20', 'docker.io/library/node:21')).status).toBe(403)
  expect((await copy('docker.io/library/node:20', 'library/node:21')).status).toBe(403)
  expect((await copy('docker.io/library/node:20', 'Node:21')).status).toBe(400)
  expect((await server.post('/api/v1/copy', { from: 1 })).status).toBe(400)
  expect((await server.post('/api/v1/copy', [])).status).toBe(400)
})

test('a layer that one repository has is another’s by mount alone', async () => {
  const { server } = await startMirrored({}, open)
  const { layers } = await pushImage(server, 'team/one', { tag: '1', recipe: smallImage('a') })
  const digest = layers[0]?.digest ?? ''
  const wrong = uploadBlob(server, 'team/two', { digest, bytes: Buffer.from('another') })
  await expect(wrong).rejects.toThrow('DIGEST_INVALID')
  expect((await ask(server, `/v2/team/two/blobs/${digest}`)).status).toBe(404)
  const mount = `/v2/team/two/blobs/uploads/?mount=${digest}&from=team/one`
  expect((await ask(server, mount, { method: 'POST' })).status).toBe(201)
  expect((await ask(server, `/v2/team/two/blobs/${digest}`)).status).toBe(200)
})
