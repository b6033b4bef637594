import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import { ask, openReply, post } from '../../support/raw-client.ts'
import {
  cutAfter,
  fail,
  hangUp,
  limitedFor,
  rateLimitHeaders,
  swallow,
  trickleBody,
} from '../../support/scripted-behaviour.ts'
import { failEveryOther, failTimes, once } from '../../support/scripted-turns.ts'
import { type Behaviour, ScriptedUpstream } from '../../support/scripted-upstream.ts'

const bytes = makeBytes('upstream', 300_000)

const startWithBlob = async (...behaviours: readonly Behaviour[]) => {
  const upstream = await ScriptedUpstream.start()
  onTestFinished(() => upstream.stop())
  const path = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
  for (const behaviour of behaviours) upstream.script(`GET ${path}`, behaviour)
  return { upstream, path, match: `GET ${path}` }
}

describe('counts', () => {
  test('bytes of bodies that have left', async () => {
    const { upstream, path, match } = await startWithBlob(once(cutAfter(100_000)))

    await ask(upstream, path)
    expect(upstream.bytesSent(match)).toBe(100_000)

    await ask(upstream, path)
    await ask(upstream, path, { headers: { range: 'bytes=299990-' } })
    await ask(upstream, path, { method: 'HEAD' })
    expect(upstream.bytesSent(/blobs/)).toBe(400_010)
  })

  test('ranges that were asked for', async () => {
    const { upstream, path, match } = await startWithBlob()

    await ask(upstream, path)
    await ask(upstream, path, { headers: { range: 'bytes=5-' } })

    expect(upstream.rangesOf(match)).toEqual([undefined, 'bytes=5-'])
  })
})

describe('a behaviour by turns', () => {
  test.each([
    { name: 'once', behaviour: once(fail(500)), statuses: [500, 200, 200, 200] },
    { name: 'failTimes', behaviour: failTimes(2, fail(500)), statuses: [500, 500, 200, 200] },
    {
      name: 'failEveryOther',
      behaviour: failEveryOther(fail(500)),
      statuses: [500, 200, 500, 200],
    },
  ])('$name gives $statuses', async ({ behaviour, statuses }) => {
    const { upstream, path } = await startWithBlob(behaviour)

    const given: number[] = []
    for (const _ of statuses) given.push((await ask(upstream, path)).status)

    expect(given).toEqual(statuses)
  })

  test('may break the connection', async () => {
    const { upstream, path } = await startWithBlob(once(hangUp))

    expect((await ask(upstream, path)).status).toBe(0)
    expect((await ask(upstream, path)).isComplete).toBe(true)
  })
})

test('a rate limit is told of in headers, and in a 429 when it is reached', async () => {
  const hub = { limit: 100, remaining: 20, windowSeconds: 21_600, source: '192.0.2.1' }
  const { upstream, path } = await startWithBlob(once(limitedFor(30)), rateLimitHeaders(hub))

  const limited = await ask(upstream, path)
  expect(limited.status).toBe(429)
  expect(limited.headers).toMatchObject({
    'retry-after': '30',
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '20;w=21600',
    'docker-ratelimit-source': '192.0.2.1',
  })
  expect((await ask(upstream, path)).status).toBe(200)
})

describe('a slow body', () => {
  test('comes at its pace', async () => {
    const { upstream, path } = await startWithBlob(trickleBody(2_000_000))

    const startedAt = performance.now()
    const { body } = await ask(upstream, path)

    expect(performance.now() - startedAt).toBeGreaterThan(100)
    expect(body.equals(bytes)).toBe(true)
  })

  test('ends when its client leaves', async () => {
    const { upstream, path, match } = await startWithBlob(trickleBody(1000))
    const reply = await openReply(upstream, path)
    await reply.read(1)

    reply.leave()

    await vi.waitFor(() => expect(upstream.openResponses).toBe(0))
    expect(upstream.bytesSent(match)).toBeLessThan(bytes.length / 10)
  })
})

test('a swallowed request arrives and is never answered', async () => {
  const { upstream, path, match } = await startWithBlob(swallow)
  const leaver = new AbortController()

  const asked = ask(upstream, path, { signal: leaver.signal })
  await upstream.received(match)
  leaver.abort()

  await expect(asked).rejects.toThrow('aborted')
})

test('a request can bring a body', async () => {
  const { upstream } = await startWithBlob()

  await post(upstream, '/v2/', { name: 'déjà' })

  const [{ method, headers } = { method: '', headers: {} }] = upstream.requests
  expect(method).toBe('POST')
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '17' })
})
