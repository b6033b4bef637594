import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
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
import { ask, errorOf } from '../support/raw-client.ts'
import { swallow } from '../support/scripted-behaviour.ts'
import { startThroughProxy, startUpstream, tagTtlMs } from '../support/start-mirrored.ts'

const connectTimeoutMs = 400
const impatient = { connectTimeout: `${connectTimeoutMs}ms`, idleTimeout: '1s' }

describe('an upstream that says nothing', () => {
  test('is waited for as long as connectTimeout, once', async () => {
    const { server, proxy } = await startWithKeptTags(impatient)
    await proxy.swallow()

    const first = await timed(() => cacheOf(server, pathOf(1)))
    const others = await timed(async () => {
      for (const tag of tags) expect(await cacheOf(server, pathOf(tag))).toBe('stale')
    })

    expect(first.result).toBe('stale')
    expect(first.ms).toBeLessThan(connectTimeoutMs + 200)
    expect(others.ms).toBeLessThan(connectTimeoutMs)
  })

  test('is waited for no longer by who wants a list that is kept', async () => {
    const { server, proxy, clock } = await startWithKeptTags(impatient)
    const referrers = `/v2/team/app/referrers/sha256:${'0'.repeat(64)}`
    const lists = ['/v2/team/app/tags/list', referrers]
    for (const path of lists) expect(await cacheOf(server, path)).toBe('miss')
    clock.advance(tagTtlMs)
    await proxy.swallow()

    const { result, ms } = await timed(() =>
      Promise.all(lists.map((path) => cacheOf(server, path))),
    )

    expect(result).toEqual(['stale', 'stale'])
    expect(ms).toBeLessThan(connectTimeoutMs + 200)
    expect((await timed(() => cacheOf(server, referrers))).ms).toBeLessThan(200)
  })

  test('about one tag only keeps others waiting for nothing', async () => {
    const { upstream, server } = await startWithKeptTags(impatient)
    upstream.script(/manifests\/1/, swallow)

    const first = await timed(() => cacheOf(server, pathOf(1)))
    const second = await timed(() => cacheOf(server, pathOf(1)))

    expect([first.result, second.result]).toEqual(['stale', 'stale'])
    expect(first.ms).toBeLessThan(connectTimeoutMs + 200)
    expect(second.ms).toBeLessThan(200)
    await untilUsedAgain(server, pathOf(2))
  })

  test('keeps no server from stopping', async () => {
    const { server, proxy } = await startWithKeptTags({ ...impatient, idleTimeout: '6s' })
    await proxy.swallow()
    expect(await cacheOf(server, pathOf(1))).toBe('stale')
    await vi.waitFor(() => expect(outagesIn(server).begun).toBe(1), 5_000)

    expect((await timed(() => server.stop())).ms).toBeLessThan(2_000)
  })

  test('is used again soon after it is back', async () => {
    const { server, proxy } = await startWithKeptTags(impatient)
    await proxy.swallow()
    expect(await cacheOf(server, pathOf(1))).toBe('stale')
    await sleep(1_000)
    await proxy.pass()

    await untilUsedAgain(server, pathOf(2))

    expect(outagesIn(server)).toEqual({ begun: 1, over: 1 })
  })

  test('costs those who ask for what is not kept one trial, together', async () => {
    const { server, proxy } = await startWithKeptTags(impatient)
    await proxy.swallow()
    await ask(server, pathOf(1))
    const before = proxy.connections

    const { result, ms } = await timed(() =>
      Promise.all(Array.from({ length: 20 }, (_, i) => ask(server, pathOf(`none-${i}`)))),
    )

    for (const reply of result) {
      expect(reply.status).toBe(503)
      expect(errorOf(reply).message).toContain('docker.io')
    }
    expect(ms).toBeLessThan(1_000 + 500)
    expect(proxy.connections - before).toBeLessThanOrEqual(2)
  })
})

describe('of two URLs', () => {
  /** The first is behind a network that may fail. */
  const startWithTwo = async () => {
    const second = await startUpstream()
    const mirrored = await startThroughProxy()
    const url = [mirrored.proxy.url, second.url]
    await mirrored.server.configure({ upstreams: { 'docker.io': { ...impatient, url } } })
    for (const upstream of [mirrored.upstream, second]) {
      for (const tag of tags) await upstream.repository('team/app').addImage(tag, smallImage(tag))
    }
    return { ...mirrored, second }
  }

  test('the one that says nothing is waited for once, then the other is asked', async () => {
    const { server, proxy, second } = await startWithTwo()
    await proxy.swallow()
    expect((await ask(server, pathOf(1))).status).toBe(200)
    expect(second.count(/manifests/)).toBe(1)

    const { result, ms } = await timed(() => ask(server, pathOf(2)))

    expect(result.status).toBe(200)
    expect(result.headers).not.toHaveProperty('warning')
    expect(ms).toBeLessThan(connectTimeoutMs)
  })

  test('the first is asked again when it is back', async () => {
    const { upstream, server, proxy, second } = await startWithTwo()
    await proxy.refuse()
    for (const tag of tags) expect((await ask(server, pathOf(tag))).status).toBe(200)
    await proxy.pass()
    await upstream.received('GET /v2/')
    await vi.waitFor(() => expect(outagesIn(server).over).toBe(1))
    const before = second.requests.length

    expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(200)

    expect(second.requests).toHaveLength(before)
  })
})
