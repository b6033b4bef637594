import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { requireBearer } from '../support/scripted-auth.ts'
import { fail } from '../support/scripted-behaviour.ts'
import {
  type MirroredThroughProxy,
  pullUntilKept,
  startThroughProxy,
  tagTtlMs,
} from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { withoutAsking } from '../support/without-asking.ts'

const path = '/v2/team/app/manifests/1'
const tagsPath = '/v2/team/app/tags/list'
const unknown = `sha256:${'0'.repeat(64)}`
const dayMs = 24 * 3_600_000
const signature = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: unknown,
  size: 7,
}

/** An image of which everything is kept, at an upstream that wants tokens. */
const startWithKeptImage = async () => {
  const mirrored = await startThroughProxy()
  const { upstream, server } = mirrored
  requireBearer(upstream, { expiresInSeconds: 60 })
  const repository = upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const { digest } = image.descriptor
  repository.referrers.set(digest, [signature])
  const blobPath = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  const referrersPath = `/v2/team/app/referrers/${digest}`
  for (const what of [path, tagsPath, referrersPath]) await ask(server, what)
  await pullUntilKept(server, blobPath)
  return { ...mirrored, repository, image, digest, blobPath, referrersPath }
}

const switchOffline = async (server: StartedServer, offline: boolean) => {
  const reply = await server.post('/api/v1/offline', { offline })
  expect(reply.status).toBe(200)
  expect(JSON.parse(reply.body.toString())).toEqual({ offline, configured: false })
}

describe.each([
  { way: 'switched', goOffline: ({ server }: MirroredThroughProxy) => switchOffline(server, true) },
  {
    way: 'configured',
    goOffline: ({ server, settings }: MirroredThroughProxy) =>
      server.configure({ ...settings, offline: true }),
  },
])('offline, as $way', ({ goOffline }) => {
  test('what is kept is served, however old, and nobody is asked', async () => {
    const mirrored = await startWithKeptImage()
    const { server, clock, image, digest, blobPath, referrersPath } = mirrored
    await goOffline(mirrored)
    clock.advance(365 * dayMs)

    await withoutAsking(mirrored, async () => {
      for (const method of ['GET', 'HEAD']) {
        const reply = await ask(server, path, { method })
        expect(reply.status).toBe(200)
        expect(reply.headers['docker-content-digest']).toBe(digest)
        expect(reply.headers['x-entrepot-cache']).toBe('stale')
        expect(reply.headers.warning).toContain('offline')
        for (const what of [`/v2/team/app/manifests/${digest}`, blobPath]) {
          const kept = await ask(server, what, { method })
          expect(kept.status).toBe(200)
          expect(kept.headers['x-entrepot-cache']).toBe('hit')
          expect(kept.headers).not.toHaveProperty('warning')
        }
      }
      expect((await ask(server, path)).body).toEqual(image.bytes)
      const tags = await ask(server, tagsPath)
      expect(JSON.parse(tags.body.toString()).tags).toEqual(['1'])
      const referrers = await ask(server, referrersPath)
      expect(JSON.parse(referrers.body.toString()).manifests).toEqual([signature])
      for (const { headers } of [tags, referrers]) expect(headers.warning).toContain('offline')
    })
  })

  test('what is not kept is a 404 that says why', async () => {
    const mirrored = await startWithKeptImage()
    const { server, blobPath, digest } = mirrored
    await goOffline(mirrored)

    await withoutAsking(mirrored, async () => {
      for (const what of [
        '/v2/team/app/manifests/2',
        `/v2/team/app/manifests/${unknown}`,
        `/v2/team/app/blobs/${unknown}`,
        `/v2/team/app/referrers/${unknown}`,
        '/v2/team/other/tags/list',
        blobPath.replace('app', 'other'),
        `/v2/team/other/manifests/${digest}`,
      ]) {
        const reply = await ask(server, what)
        expect(reply.status, what).toBe(404)
        expect(errorOf(reply).message).toContain('offline')
        expect((await ask(server, what, { method: 'HEAD' })).status, what).toBe(404)
      }
    })
  })
})

test('a tag that is fresh is served without a Warning', async () => {
  const { server } = await startWithKeptImage()
  await switchOffline(server, true)

  const reply = await ask(server, path)

  expect(reply.headers['x-entrepot-cache']).toBe('hit')
  expect(reply.headers).not.toHaveProperty('warning')
})

test('a tag that was only asked about is not kept, to HEAD as little as to GET', async () => {
  const { upstream, server } = await startThroughProxy()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  expect((await ask(server, path, { method: 'HEAD' })).status).toBe(200)
  await switchOffline(server, true)

  for (const method of ['HEAD', 'GET']) {
    expect((await ask(server, path, { method })).status).toBe(404)
  }
})

test('tags that were pulled are listed where no list was', async () => {
  const mirrored = await startThroughProxy()
  const { upstream, server } = mirrored
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  await switchOffline(server, true)

  const reply = await ask(server, tagsPath)

  expect(reply.status).toBe(200)
  expect(JSON.parse(reply.body.toString()).tags).toEqual(['1'])
  expect(reply.headers.warning).toContain('only what was pulled')
})

test('the switch holds after a restart, until it is switched back', async () => {
  const mirrored = await startWithKeptImage()
  const { server, clock, restart } = mirrored
  await switchOffline(server, true)
  clock.advance(tagTtlMs)

  const offline = await restart()
  await withoutAsking(mirrored, async () => {
    expect((await ask(offline, path)).headers['x-entrepot-cache']).toBe('stale')
    expect((await ask(offline, '/v2/team/app/manifests/2')).status).toBe(404)
  })
  await switchOffline(offline, false)

  const online = await restart()
  expect((await ask(online, path)).headers['x-entrepot-cache']).toBe('hit')
})

test('switched back, upstream is asked at once', async () => {
  const { upstream, server, clock, repository } = await startWithKeptImage()
  await switchOffline(server, true)
  clock.advance(tagTtlMs)
  const moved = await repository.addImage('1', smallImage('moved'))
  const added = await repository.addImage('2', smallImage('added'))
  expect((await ask(server, '/v2/team/app/manifests/2')).status).toBe(404)

  await switchOffline(server, false)

  expect((await ask(server, path)).body).toEqual(moved.bytes)
  expect((await ask(server, '/v2/team/app/manifests/2')).body).toEqual(added.bytes)
  expect(upstream.count(`HEAD ${path}`)).toBe(1)
})

test('mirrors.yaml taken up anew takes the mirror off and back', async () => {
  const { server, settings } = await startThroughProxy()
  const statusOf = async () => (await ask(server, '/v2/team/none/manifests/1')).body.toString()

  await server.configure({ ...settings, offline: true })
  expect(await statusOf()).toContain('offline')
  await server.configure(settings)
  expect(await statusOf()).not.toContain('offline')
})

test('an upstream that was down is not so much as tried', async () => {
  const mirrored = await startWithKeptImage()
  const { upstream, server, clock } = mirrored
  clock.advance(tagTtlMs)
  const mend = upstream.script(/./, fail(500))
  expect((await ask(server, path)).headers['x-entrepot-cache']).toBe('stale')
  await upstream.received(/^GET \/v2\/$/, 2)

  await switchOffline(server, true)
  mend()
  // Longer than from one trial to the next.
  await withoutAsking(mirrored, () => sleep(3_000))

  await switchOffline(server, false)
  await vi.waitFor(async () => {
    expect((await ask(server, path)).headers['x-entrepot-cache']).toBe('hit')
  }, 5_000)
})
