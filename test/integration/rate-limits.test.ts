import { describe, expect, test } from 'vitest'
import { digestOf, makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { requireBearer } from '../support/scripted-auth.ts'
import { cutAfter, fail, limitedFor } from '../support/scripted-behaviour.ts'
import { startMirrored, startUpstream, tagTtlMs } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const path = '/v2/team/app/manifests/1'
const nowhere = `sha256:${'0'.repeat(64)}`
const notKept = ['manifests/none', `manifests/${nowhere}`, `blobs/${nowhere}`, 'tags/list']
const minuteMs = 60_000

/** A tag that is kept and due to be asked for. */
const startWithKeptTag = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  await ask(mirrored.server, path)
  mirrored.clock.advance(tagTtlMs)
  return { ...mirrored, image }
}

const cacheOf = async (server: StartedServer, what = path) =>
  (await ask(server, what)).headers['x-entrepot-cache']

const stateOf = async (server: StartedServer) => {
  const { body } = await ask(server, '/api/v1/upstreams')
  return JSON.parse(body.toString()).upstreams[0].urls[0]
}

describe('after a 429 with Retry-After', () => {
  test('nothing at all is asked until then, and kept tags are stale', async () => {
    const { upstream, server, clock } = await startWithKeptTag()
    const mend = upstream.script(/manifests/, limitedFor(60))
    const limited = await ask(server, path)
    expect(limited.headers['x-entrepot-cache']).toBe('stale')
    expect(limited.headers.warning).toContain('docker.io limits our requests')
    mend()
    const before = upstream.requests.length

    for (const _ of [1, 2, 3]) {
      expect(await cacheOf(server)).toBe('stale')
      for (const what of notKept) {
        expect((await ask(server, `/v2/team/other/${what}`)).status).toBe(429)
      }
      clock.advance(19_000)
    }
    expect(upstream.requests).toHaveLength(before)

    clock.advance(3_000)
    expect(await cacheOf(server)).toBe('hit')
    expect(upstream.count(`HEAD ${path}`)).toBe(2)
  })

  test('what is not kept is told how long is left to wait', async () => {
    const { upstream, server, clock } = await startWithKeptTag()
    upstream.script(/none/, limitedFor(60))
    const first = await ask(server, '/v2/team/app/manifests/none')
    expect(first.headers['retry-after']).toBe('60')
    clock.advance(45_000)

    for (const what of notKept) {
      const reply = await ask(server, `/v2/team/other/${what}`)
      expect(reply.headers['retry-after']).toMatch(/^1[45]$/)
      expect(errorOf(reply).code).toBe('TOOMANYREQUESTS')
      expect(errorOf(reply).message).toContain('docker.io')
    }
    expect(upstream.count(/none/)).toBe(1)
  })

  test('nothing is asked though other settings have changed, until there is another login', async () => {
    const { upstream, server } = await startWithKeptTag()
    upstream.script(/none/, limitedFor(60))
    await ask(server, '/v2/team/app/manifests/none')
    const before = upstream.requests.length
    const settings = { url: upstream.url, tagTtl: '1s' }

    await server.configure({ upstreams: { 'docker.io': settings } })
    expect((await ask(server, '/v2/team/app/manifests/none')).status).toBe(429)
    expect(upstream.requests).toHaveLength(before)

    const login = { username: 'somebody', password: 'else' }
    // Not used between the two changes.
    await server.configure({ upstreams: { 'docker.io': { ...settings, tagTtl: '2s' } } })
    await server.configure({ upstreams: { 'docker.io': { ...settings, ...login } } })
    expect(await cacheOf(server)).toBe('hit')
  })

  test.each([
    { name: 'a manifest', match: /^GET .*manifests/ },
    { name: 'the base', match: /^GET \/v2\/$/ },
    { name: 'a token', match: /^GET \/token/ },
  ])('it counts for the whole upstream, said of $name', async ({ match }) => {
    const { upstream, server } = await startMirrored()
    requireBearer(upstream)
    upstream.script(match, limitedFor(30))

    for (const what of ['manifests/1', 'tags/list']) {
      const reply = await ask(server, `/v2/team/app/${what}`)
      expect(reply.status).toBe(429)
      expect(reply.headers['retry-after']).toMatch(/^(30|29)$/)
    }
    expect(upstream.count(match)).toBe(1)
    expect(upstream.count(/tags/)).toBe(0)
  })

  test('the state is shown, and logged once', async () => {
    const { upstream, server, clock } = await startWithKeptTag()
    const mend = upstream.script(/manifests/, limitedFor(60))
    for (const _ of [1, 2, 3]) await cacheOf(server)
    clock.advance(20_000)

    expect(await stateOf(server)).toMatchObject({
      state: 'limited',
      reason: expect.stringContaining('limits our requests'),
      forSeconds: 20,
      retryAfterSeconds: 40,
    })
    mend()
    clock.advance(40_000)
    expect(await cacheOf(server)).toBe('hit')

    expect((await stateOf(server)).state).toBe('up')
    const told = server.log.filter(({ url }) => url === upstream.url).map(({ msg }) => msg)
    expect(told).toEqual([
      expect.stringContaining('limits our requests'),
      'docker.io may be asked again',
    ])
  })

  test('a date counts by the clock of upstream, whatever ours says', async () => {
    const { upstream, server, clock } = await startWithKeptTag()
    const until = new Date(Date.now() + 90_000).toUTCString()
    upstream.script(/none/, fail(429, { 'retry-after': until }))
    clock.jump(5 * 60 * minuteMs)

    const reply = await ask(server, '/v2/team/app/manifests/none')

    expect(Number(reply.headers['retry-after'])).toBeGreaterThanOrEqual(88)
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(90)
    clock.advance(80_000)
    await ask(server, '/v2/team/app/manifests/none')
    expect(upstream.count(/none/)).toBe(1)
    clock.advance(11_000)
    await ask(server, '/v2/team/app/manifests/none')
    expect(upstream.count(/none/)).toBe(2)
  })

  test('the second URL is asked, and the first no more', async () => {
    const { upstream, server, image } = await startWithKeptTag()
    const second = await startUpstream()
    await second.repository('team/app').addImage('1', smallImage('a'))
    const url = [upstream.url, second.url]
    await server.configure({ upstreams: { 'docker.io': { url } } })
    upstream.script(/manifests/, limitedFor(60))

    for (const _ of [1, 2, 3]) expect((await ask(server, path)).body).toEqual(image.bytes)
    // What the second lacks, the first may have.
    expect((await ask(server, '/v2/team/app/manifests/none')).status).toBe(429)

    expect(upstream.count(/manifests/)).toBe(2)
  })

  test('a blob under way goes on afterwards, and its client sees a pause', async () => {
    const { upstream, server } = await startMirrored()
    const bytes = makeBytes('limited', 1_000_000)
    const blobPath = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
    const turns = [cutAfter(500_000), limitedFor(1)]
    upstream.script(`GET ${blobPath}`, (usual, request) => turns.shift()?.(usual, request) ?? usual)

    expect(digestOf((await ask(server, blobPath)).body)).toBe(digestOf(bytes))
    expect(upstream.count(/blobs/)).toBe(3)
  })
})

test('a 503 with Retry-After is obeyed just so', async () => {
  const { upstream, server, clock } = await startWithKeptTag()
  const mend = upstream.script(/manifests/, fail(503, { 'retry-after': '60' }))
  const first = await ask(server, '/v2/team/app/manifests/none')
  mend()
  clock.advance(30_000)
  const second = await ask(server, '/v2/team/app/manifests/none')

  for (const { status } of [first, second]) expect(status).toBe(503)
  expect(second.headers['retry-after']).toMatch(/^(30|29)$/)
  expect(await cacheOf(server)).toBe('stale')
  expect(upstream.count(/none/)).toBe(1)
  clock.advance(30_000)
  expect((await ask(server, '/v2/team/app/manifests/none')).status).toBe(404)
})

test('a 429 that does not say how long is left alone for some seconds', async () => {
  const { upstream, server, clock } = await startWithKeptTag()
  const mend = upstream.script(/manifests/, fail(429))
  expect((await ask(server, path)).headers['x-entrepot-cache']).toBe('stale')
  mend()

  expect(await cacheOf(server)).toBe('stale')
  expect(upstream.count(`HEAD ${path}`)).toBe(1)
  clock.advance(10_000)
  expect(await cacheOf(server)).toBe('hit')
})
