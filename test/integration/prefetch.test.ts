import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ask } from '../support/raw-client.ts'
import { blobPath, indexOf, startLayered } from '../support/start-layered.ts'
import { pullUntilKept } from '../support/start-mirrored.ts'

/** Of two connections one is spare: layers come one after another. */
const oneAtATime = { maxConnections: 2 }

describe('who asks for one layer of an image', () => {
  test('finds the others kept soon, each fetched once', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 6)
    await layered.pullManifest('1')

    expect((await layered.pullLayer(image, 0)).headers['x-entrepot-cache']).toBe('miss')

    await layered.kept(image)
    for (const at of image.layers.keys()) {
      const reply = await pullUntilKept(layered.server, blobPath(image.layers[at]))
      expect(reply.body).toEqual(layered.repository.blobs.get(image.layers[at] ?? ''))
    }
    expect([...layered.fetched(image)].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('has them fetched in the order in which it will ask for them', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 5)
    await layered.pullManifest('1')

    await layered.pullLayer(image, 0)

    await layered.kept(image)
    expect(layered.fetched(image)).toEqual([0, 1, 2, 3, 4])
  })

  test('and not for those before it has these fetched last', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 5)
    await layered.pullManifest('1')

    await layered.pullLayer(image, 2)

    await layered.kept(image)
    expect(layered.fetched(image)).toEqual([2, 3, 4, 0, 1])
  })

  test('has the others fetched though that one is kept already', async () => {
    const layered = await startLayered()
    const base = layered.addImage('base', 1)
    await layered.pullLayer(base, 0)
    await layered.kept(base)
    const image = layered.addImage('1', 3, base.layers)
    await layered.pullManifest(image.digest)

    const reply = await layered.pullLayer(image, 0)

    expect(reply.headers['x-entrepot-cache']).toBe('hit')
    await layered.kept(image)
    expect(layered.fetched(base)).toEqual([0])
  })

  test('gets those of the image that was pulled last, of several that have it', async () => {
    const layered = await startLayered()
    const older = layered.addImage('older', 3)
    const newer = layered.addImage('newer', 3, older.layers.slice(0, 1))
    for (const { digest } of [older, newer, older]) await layered.pullManifest(digest)

    await layered.pullLayer(newer, 0)

    await layered.kept(older)
    await layered.afterAnother()
    expect(layered.fetched(newer)).toEqual([0])
  })

  test('gets only those of the platform that it has chosen', async () => {
    const layered = await startLayered()
    const [amd64, arm64] = ['amd64', 'arm64'].map((tag) => layered.addImage(tag, 3))
    if (!amd64 || !arm64) throw new Error('two images were made')
    layered.repository.addManifest(indexOf([amd64.digest, arm64.digest]), '1')
    await layered.pullManifest('1')
    await layered.pullManifest(arm64.digest)

    await layered.pullLayer(arm64, 0)

    await layered.kept(arm64)
    await layered.afterAnother()
    expect(layered.fetched(amd64)).toEqual([])
  })

  test('may ask for a part of it', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 3)
    await layered.pullManifest('1')

    const reply = await layered.pullLayer(image, 0, { headers: { range: 'bytes=0-9' } })

    expect(reply.status).toBe(206)
    await layered.kept(image)
  })
})

describe('nothing is fetched ahead', () => {
  test('for a manifest or a config alone, nor for HEAD', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 3)
    layered.repository.addManifest(indexOf([image.digest]), 'index')

    for (const reference of ['index', '1', image.digest]) await layered.pullManifest(reference)
    await ask(layered.server, blobPath(image.config))
    await pullUntilKept(layered.server, blobPath(image.config))
    await layered.pullLayer(image, 0, { method: 'HEAD' })
    const headers = { 'if-none-match': `"${image.layers[1]}"` }
    expect((await layered.pullLayer(image, 1, { headers })).status).toBe(304)

    await layered.afterAnother()
    expect(layered.upstream.count(/^GET .*blobs/)).toBe(1 + 4)
    expect(layered.fetched(image)).toEqual([0, 1])
  })

  test('for a config of an image that is no longer in memory', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 3)
    await layered.pullManifest('1')
    await layered.restart()

    await ask(layered.server, blobPath(image.config))

    await layered.afterAnother()
    expect(layered.fetched(image)).toEqual([])
  })

  test('with prefetch: false, until that is changed', async () => {
    const layered = await startLayered({ prefetch: false })
    const image = layered.addImage('1', 3)
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    const { url } = layered.upstream

    await layered.server.configure({ upstreams: { 'docker.io': { url } } })
    await layered.afterAnother()
    expect(layered.fetched(image)).toEqual([0])

    await layered.pullLayer(image, 1)
    await layered.kept(image)
  })

  test('with only one connection', async () => {
    const layered = await startLayered({ maxConnections: 1 })
    const image = layered.addImage('1', 3)
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    const { url } = layered.upstream

    await layered.server.configure({ upstreams: { 'docker.io': { url } } })
    await layered.afterAnother()
    expect(layered.fetched(image)).toEqual([0])
  })

  test('offline; afterwards the next layer begins it', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 4)
    const { digest } = layered.addImage('base', 0, image.layers.slice(0, 1))
    await layered.pullManifest(digest)
    await layered.pullLayer(image, 0)
    await layered.kept({ layers: image.layers.slice(0, 1) })
    await layered.pullManifest('1')

    await layered.server.post('/api/v1/offline', { offline: true })
    expect((await layered.pullLayer(image, 0)).headers['x-entrepot-cache']).toBe('hit')
    await layered.server.post('/api/v1/offline', { offline: false })
    await layered.afterAnother()
    expect(layered.fetched(image)).toEqual([0])

    // What is served from memory is noted once a second.
    layered.mirrored.clock.advance(1_000)
    await layered.pullLayer(image, 0)
    await layered.kept(image)
  })

  test('of what an image calls a layer and is a manifest', async () => {
    const layered = await startLayered()
    const listed = layered.addImage('listed', 1)
    layered.repository.addManifest(indexOf([listed.digest]), 'index')
    const image = layered.addImage('1', 2, [listed.digest])
    for (const tag of ['index', '1']) await layered.pullManifest(tag)

    await layered.pullLayer(image, 1)

    await layered.kept({ layers: image.layers.slice(1) })
    await layered.afterAnother()
    expect([...layered.fetched(image)].sort()).toEqual([1, 2])
  })
})

describe('an image is begun', () => {
  test('also if its manifest was pulled before a restart', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 4)
    await layered.pullManifest('1')
    await layered.restart()

    await layered.pullLayer(image, 0)

    await layered.kept(image)
    expect(layered.upstream.count(/^GET .*manifests/)).toBe(1)
  })

  test('once: what is kept is not looked for again', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 3)
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.kept(image)
    await pullUntilKept(layered.server, blobPath(image.layers[0]))
    await removeBlob(layered.server.data, image.layers[2])

    expect((await layered.pullLayer(image, 1)).headers['x-entrepot-cache']).toBe('hit')

    await layered.afterAnother()
    expect([...layered.fetched(image)].sort()).toEqual([0, 1, 2])
  })

  test('again when one of its layers is missing', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 4)
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.kept(image)
    for (const at of [1, 3]) await removeBlob(layered.server.data, image.layers[at])

    expect((await layered.pullLayer(image, 1)).headers['x-entrepot-cache']).toBe('miss')

    await layered.kept(image)
    expect([...layered.fetched(image)].sort()).toEqual([0, 1, 1, 2, 3, 3])
  })
})

const removeBlob = (data: string, digest = ''): Promise<void> =>
  rm(join(data, 'blobs', ...digest.split(':')))
