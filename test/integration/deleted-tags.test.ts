import { describe, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { fail } from '../support/scripted-behaviour.ts'
import {
  type Mirrored,
  missTtlMs,
  pullUntilKept,
  startMirrored,
  tagTtlMs,
} from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'

/** A tag that is kept, and due to be asked for. */
const startWithKeptTag = async (settings: Record<string, unknown> = {}) => {
  const mirrored = await startMirrored(settings)
  const repository = mirrored.upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const blobPath = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  await ask(mirrored.server, path)
  await pullUntilKept(mirrored.server, blobPath)
  mirrored.clock.advance(tagTtlMs)
  const byDigest = `/v2/team/app/manifests/${image.descriptor.digest}`
  return { ...mirrored, repository, image, blobPath, byDigest }
}

/** Upstream has neither the tag nor what it meant any more, and that was seen. */
const startWithGoneTag = async (settings: Record<string, unknown> = {}) => {
  const kept = await startWithKeptTag(settings)
  kept.repository.tags.clear()
  kept.repository.manifests.clear()
  kept.repository.blobs.clear()
  await ask(kept.server, path)
  return kept
}

const forgetMiss = ({ clock }: Mirrored) => clock.advance(missTtlMs)

describe('a tag that upstream deleted', () => {
  test.each(['GET', 'HEAD'])('is refused to %s, by default', async (method) => {
    const { server } = await startWithGoneTag()

    const reply = await ask(server, path, { method })

    expect(reply.status).toBe(404)
    expect(reply.headers).not.toHaveProperty('warning')
    if (method === 'GET') expect(errorOf(reply).message).toContain('docker.io')
  })

  test('is asked for once in missTtl', async () => {
    const gone = await startWithGoneTag()
    for (const method of ['GET', 'HEAD', 'GET']) await ask(gone.server, path, { method })
    expect(gone.upstream.count(`HEAD ${path}`)).toBe(1)

    forgetMiss(gone)
    await ask(gone.server, path)

    expect(gone.upstream.count(`HEAD ${path}`)).toBe(2)
  })

  test('is still served by digest, with its blobs, without asking', async () => {
    const { upstream, server, image, byDigest, blobPath } = await startWithGoneTag()
    const before = upstream.requests.length

    expect((await ask(server, byDigest)).body).toEqual(image.bytes)
    expect((await ask(server, blobPath)).headers['x-entrepot-cache']).toBe('hit')
    expect(upstream.requests).toHaveLength(before)
  })

  test('is refused while upstream is down too, and after a restart', async () => {
    const gone = await startWithGoneTag()
    await gone.upstream.stop()
    forgetMiss(gone)
    const before = await ask(gone.server, path)

    const after = await ask(await gone.restart(), path)

    for (const reply of [before, after]) {
      expect(reply.status).toBe(404)
      expect(errorOf(reply).message).toContain('docker.io')
    }
  })

  test('is refused while upstream is asked for nothing', async () => {
    const gone = await startWithGoneTag()
    await gone.server.post('/api/v1/offline', { offline: true })

    const reply = await ask(gone.server, path)

    expect(reply.status).toBe(404)
  })

  test('is served as before when it comes back', async () => {
    const gone = await startWithGoneTag()
    await gone.repository.addImage('1', smallImage('a'))
    forgetMiss(gone)

    const back = await ask(gone.server, path)
    expect(back.body).toEqual(gone.image.bytes)
    expect(back.headers['x-entrepot-cache']).toBe('hit')

    await gone.upstream.stop()
    gone.clock.advance(tagTtlMs)
    const stale = await ask(gone.server, path)
    expect(stale.status).toBe(200)
    expect(stale.headers['x-entrepot-cache']).toBe('stale')
  })

  test('is another image when it comes back as one', async () => {
    const gone = await startWithGoneTag()
    const other = await gone.repository.addImage('1', smallImage('other'))
    forgetMiss(gone)

    expect((await ask(gone.server, path)).body).toEqual(other.bytes)
  })

  test('is no longer taken for deleted once onGone is serve', async () => {
    const { server, settings, upstream, image } = await startWithGoneTag()
    const upstreams = { 'docker.io': { url: upstream.url, onGone: 'serve' } }
    expect((await ask(server, path)).status).toBe(404)

    await server.configure({ ...settings, upstreams })

    expect((await ask(server, path)).body).toEqual(image.bytes)
  })
})

describe('a tag that upstream deleted, with onGone: serve', () => {
  const serving = { onGone: 'serve' }

  test('is served stale, with a Warning that says so', async () => {
    const { server, image } = await startWithGoneTag(serving)

    for (const method of ['GET', 'HEAD']) {
      const reply = await ask(server, path, { method })
      expect(reply.status).toBe(200)
      expect(reply.headers['x-entrepot-cache']).toBe('stale')
      expect(reply.headers.warning).toMatch(/^299 - ".*last seen at .*docker\.io doesn't have it/)
      if (method === 'GET') expect(reply.body).toEqual(image.bytes)
    }
  })

  test('is served while upstream is down too, and after a restart', async () => {
    const gone = await startWithGoneTag(serving)
    await gone.upstream.stop()
    forgetMiss(gone)
    const before = await ask(gone.server, path)

    const after = await ask(await gone.restart(), path)

    for (const { body } of [before, after]) expect(body).toEqual(gone.image.bytes)
  })

  test.each([401, 403])('is served where upstream answers %i', async (status) => {
    const { upstream, server, image } = await startWithKeptTag(serving)
    upstream.script(/manifests/, fail(status))

    const reply = await ask(server, path)

    expect(reply.body).toEqual(image.bytes)
    expect(reply.headers['x-entrepot-cache']).toBe('stale')
    expect(reply.headers.warning).toContain(`denies access`)
  })

  test('is followed when it comes back as another image', async () => {
    const gone = await startWithGoneTag(serving)
    const other = await gone.repository.addImage('1', smallImage('other'))
    forgetMiss(gone)

    const reply = await ask(gone.server, path)

    expect(reply.body).toEqual(other.bytes)
    expect(reply.headers).not.toHaveProperty('warning')
  })

  test('is a 404 where it was never kept', async () => {
    const { server } = await startWithGoneTag(serving)

    expect((await ask(server, '/v2/team/app/manifests/2')).status).toBe(404)
  })
})

test('a denied access is no deletion: the tag is served again while upstream is down', async () => {
  const { upstream, server, image } = await startWithKeptTag()
  const mend = upstream.script(/manifests/, fail(403))
  expect((await ask(server, path)).status).toBe(403)
  mend()
  await upstream.stop()

  const reply = await ask(server, path)

  expect(reply.body).toEqual(image.bytes)
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
})
