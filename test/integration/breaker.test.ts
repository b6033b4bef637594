import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import {
  cacheOf,
  outagesIn,
  pathOf,
  startWithKeptTags,
  tags,
  timed,
  untilUsedAgain,
} from '../support/kept-tags.ts'
import { ask } from '../support/raw-client.ts'
import { fail, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../support/start-mirrored.ts'

/** More than from one trial to the next. */
const trialsMs = 3_000
const probe = 'GET /v2/'

describe('an upstream that fails', () => {
  test('is left alone: kept tags are stale at once', async () => {
    const { upstream, server } = await startWithKeptTags()
    upstream.script(/./, fail(500))
    expect(await cacheOf(server, pathOf(1))).toBe('stale')
    const before = upstream.count(/manifests/)

    for (const tag of tags) {
      const { result, ms } = await timed(() => cacheOf(server, pathOf(tag)))
      expect(result).toBe('stale')
      expect(ms).toBeLessThan(200)
    }

    expect(upstream.count(/manifests/)).toBe(before)
  })

  test.each([404, 403])('only where it fails to answer: a %i is an answer', async (status) => {
    const { upstream, server } = await startWithKeptTags()
    upstream.script(/none/, fail(status))
    for (const name of [1, 2, 3, 4]) await ask(server, pathOf(`none-${name}`))

    expect(await cacheOf(server, pathOf(1))).toBe('hit')
    expect(outagesIn(server)).toEqual({ begun: 0, over: 0 })
  })

  test('is used again soon after it is well, and both are logged once', async () => {
    const { upstream, server } = await startWithKeptTags()
    const mend = upstream.script(/./, fail(500))
    for (const tag of tags) expect(await cacheOf(server, pathOf(tag))).toBe('stale')
    expect(outagesIn(server)).toEqual({ begun: 1, over: 0 })
    mend()

    await untilUsedAgain(server, pathOf(1))

    for (const tag of tags) expect(await cacheOf(server, pathOf(tag))).toBe('hit')
    expect(outagesIn(server)).toEqual({ begun: 1, over: 1 })
  })

  test('is used again at once for what is not kept', async () => {
    const { upstream, server } = await startWithKeptTags()
    const repository = upstream.repository('team/app')
    const image = await repository.addImage('new', smallImage('new'))
    const mend = upstream.script(/./, fail(500))
    await ask(server, pathOf(1))
    // For a second, a trial that failed speaks for all.
    await sleep(1_100)
    mend()

    const { result, ms } = await timed(() => ask(server, pathOf('new')))

    expect(result.body).toEqual(image.bytes)
    expect(ms).toBeLessThan(500)
  })

  test('still gives a blob that is under way, and kept blobs need no upstream', async () => {
    const { upstream, server } = await startWithKeptTags()
    const repository = upstream.repository('team/app')
    const [kept, wanted] = ['kept', 'wanted'].map((text) => repository.addBlob(Buffer.from(text)))
    const keptPath = `/v2/team/app/blobs/${kept}`
    await pullUntilKept(server, keptPath)
    const gate = makeGate()
    upstream.script(`GET /v2/team/app/blobs/${wanted}`, waitFor(gate))
    const pull = ask(server, `/v2/team/app/blobs/${wanted}`)
    await upstream.received(/blobs/, 2)
    upstream.script(/manifests|\/v2\/$/, fail(500))
    expect(await cacheOf(server, pathOf(1))).toBe('stale')

    gate.open()

    expect((await pull).body.toString()).toBe('wanted')
    expect(await cacheOf(server, keptPath)).toBe('hit')
  })
})

test('while upstream is down, what is not kept is refused at once, with one trial at a time', async () => {
  const { upstream, server } = await startWithKeptTags()
  upstream.script(/./, fail(500))
  await ask(server, pathOf(1))
  let most = 0
  upstream.script(probe, (usual) => {
    most = Math.max(most, upstream.openResponses)
    return usual
  })
  const before = upstream.requests.length

  const { result, ms } = await timed(async () => {
    const replies = []
    for (const turn of [1, 2, 3, 4, 5]) {
      const pulls = tags.map((tag) => ask(server, pathOf(`none-${turn}-${tag}`)))
      replies.push(...(await Promise.all(pulls)))
    }
    return replies
  })

  for (const { status } of result) expect(status).toBe(503)
  expect(ms).toBeLessThan(2_000)
  expect(most).toBeLessThanOrEqual(1)
  expect(upstream.requests.length - before).toBeLessThanOrEqual(3)
  expect(upstream.count(/none/)).toBe(0)
})

describe('a configuration that is taken up while upstream is down', () => {
  test('of another upstream changes nothing', async () => {
    const { upstream, server, settings } = await startWithKeptTags()
    upstream.script(/./, fail(500))
    await ask(server, pathOf(1))
    const before = upstream.count(/manifests/)

    const upstreams = { ...(settings.upstreams as object), 'ghcr.io': {} }
    await server.configure({ ...settings, upstreams })

    expect(await cacheOf(server, pathOf(2))).toBe('stale')
    expect(upstream.count(/manifests/)).toBe(before)
  })

  test('with another URL is asked there at once, and the old one no more', async () => {
    const { upstream, server } = await startWithKeptTags()
    const other = await startUpstream()
    const image = await other.repository('team/app').addImage('1', smallImage('elsewhere'))
    upstream.script(/./, fail(500))
    await ask(server, pathOf(1))

    await server.configure({ upstreams: { 'docker.io': { url: other.url } } })
    expect((await ask(server, pathOf(1))).body).toEqual(image.bytes)

    const before = upstream.requests.length
    await sleep(trialsMs)
    expect(upstream.requests).toHaveLength(before)
  })
})

test('a server whose upstream is down stops at once', async () => {
  const { server, upstream } = await startMirrored()
  await upstream.stop()
  await ask(server, pathOf(1))

  expect((await timed(() => server.stop())).ms).toBeLessThan(1_000)
})
