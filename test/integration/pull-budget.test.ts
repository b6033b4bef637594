import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { limitedFor, rateLimitHeaders } from '../support/scripted-behaviour.ts'
import { missTtlMs, pullUntilKept, startMirrored, tagTtlMs } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

// Docker Hub says with each manifest how many pulls are left.

const path = '/v2/team/app/manifests/1'
const minuteMs = 60_000

const cacheOf = async (server: StartedServer, what = path) =>
  (await ask(server, what)).headers['x-entrepot-cache']

const stateOf = async (server: StartedServer) => {
  const { body } = await ask(server, '/api/v1/upstreams')
  return JSON.parse(body.toString()).upstreams[0].urls[0]
}

const budget = { limit: 100, windowSeconds: 21_600, source: '192.0.2.7' }

/** An upstream of which so much is left, as its last answer said. */
const startWithBudget = async (remaining: number) => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  await repository.addImage('1', smallImage('a'))
  let left = remaining
  mirrored.upstream.script(/manifests/, (usual, request) =>
    rateLimitHeaders({ ...budget, remaining: left })(usual, request),
  )
  await ask(mirrored.server, path)
  const setLeft = (value: number) => {
    left = value
  }
  return { ...mirrored, repository, setLeft }
}

test('what is left of the limit is shown, with how long ago it was said', async () => {
  const { server, clock } = await startWithBudget(76)
  clock.advance(90_000)
  expect(await stateOf(server)).toMatchObject({
    state: 'up',
    budget: { ...budget, remaining: 76, ageSeconds: 90 },
  })
})

test('what the last answer said counts, an error too', async () => {
  const { upstream, server, clock, setLeft } = await startWithBudget(76)
  setLeft(75)
  await ask(server, '/v2/team/app/manifests/none')
  await ask(server, '/v2/team/app/tags/list')
  expect((await stateOf(server)).budget.remaining).toBe(75)
  upstream.script(/manifests/, limitedFor(60))
  upstream.script(/manifests/, rateLimitHeaders({ ...budget, remaining: 0 }))
  clock.advance(tagTtlMs)
  await ask(server, path)
  expect((await stateOf(server)).budget.remaining).toBe(0)
})

test('with less than a tenth left, tags are asked for every hour', async () => {
  const { upstream, server, clock } = await startWithBudget(9)
  clock.advance(60 * minuteMs - 5_000)
  expect(await cacheOf(server)).toBe('hit')
  expect(upstream.count(`HEAD ${path}`)).toBe(0)

  clock.advance(5_000)
  expect(await cacheOf(server)).toBe('hit')
  expect(upstream.count(`HEAD ${path}`)).toBe(1)
})

test('with a tenth left, they are asked for as ever', async () => {
  const { upstream, server, clock } = await startWithBudget(10)
  clock.advance(tagTtlMs)
  await cacheOf(server)
  expect(upstream.count(`HEAD ${path}`)).toBe(1)
})

test('with little left, nothing else suffers', async () => {
  const { upstream, server, clock, repository } = await startWithBudget(1)
  const image = await repository.addImage('2', smallImage('b'))
  const byDigest = `/v2/team/app/manifests/${image.descriptor.digest}`
  const blobPath = `/v2/team/app/blobs/${image.layers[0]?.digest}`

  expect((await ask(server, byDigest)).body).toEqual(image.bytes)
  expect((await ask(server, '/v2/team/app/manifests/2')).body).toEqual(image.bytes)
  expect((await pullUntilKept(server, blobPath)).status).toBe(200)
  for (const _ of [1, 2]) {
    expect((await ask(server, '/v2/team/app/manifests/none')).status).toBe(404)
    clock.advance(missTtlMs)
  }
  expect(upstream.count(/none/)).toBe(2)
})

test('with enough left again, tags that are due are asked for at once', async () => {
  const { upstream, server, clock, setLeft } = await startWithBudget(9)
  clock.advance(tagTtlMs)
  await cacheOf(server)
  expect(upstream.count(`HEAD ${path}`)).toBe(0)
  setLeft(100)
  await ask(server, '/v2/team/app/manifests/none')

  await cacheOf(server)

  expect(upstream.count(`HEAD ${path}`)).toBe(1)
})

test('with little left, lists are asked for every hour too', async () => {
  const { upstream, server, clock } = await startWithBudget(9)
  await ask(server, '/v2/team/app/tags/list')
  clock.advance(60 * minuteMs - 5_000)
  await ask(server, '/v2/team/app/tags/list')
  expect(upstream.count(/tags/)).toBe(1)
  clock.advance(5_000)
  await ask(server, '/v2/team/app/tags/list')
  expect(upstream.count(/tags/)).toBe(2)
})

test('what was said before its window began says nothing any more', async () => {
  const { upstream, server, clock } = await startWithBudget(9)
  clock.advance(budget.windowSeconds * 1000 + 1_000)
  await cacheOf(server)
  clock.advance(tagTtlMs)
  await cacheOf(server)
  expect(upstream.count(`HEAD ${path}`)).toBe(1)
})
