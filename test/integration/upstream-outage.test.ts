import { describe, expect, test, vi } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { fail, hangUp, sendPage } from '../support/scripted-behaviour.ts'
import type { Behaviour, ScriptedUpstream } from '../support/scripted-upstream.ts'
import {
  type Mirrored,
  missTtlMs,
  pullUntilKept,
  startMirrored,
  tagTtlMs,
} from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'

const startWithKeptImage = async (): Promise<
  Mirrored & { bytes: Buffer; digest: string; layer: string }
> => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const { bytes, descriptor, layers } = await repository.addImage('1', smallImage('a'))
  const layer = layers[0]?.digest ?? ''
  await ask(mirrored.server, path)
  await pullUntilKept(mirrored.server, `/v2/team/app/blobs/${layer}`)
  mirrored.clock.advance(tagTtlMs)
  return { ...mirrored, bytes, digest: descriptor.digest, layer }
}

const scripted = (behaviour: Behaviour) => async (upstream: ScriptedUpstream) => {
  upstream.script(/./, behaviour)
}

describe.each([
  { cause: 'refuses connections', breakIt: (upstream: ScriptedUpstream) => upstream.stop() },
  { cause: 'answers 500', breakIt: scripted(fail(500)) },
  { cause: 'answers 503', breakIt: scripted(fail(503)) },
  { cause: 'limits requests', breakIt: scripted(fail(429, { 'retry-after': '7' })) },
  { cause: 'breaks every connection', breakIt: scripted(hangUp) },
  { cause: 'sends a page for people', breakIt: scripted(sendPage) },
])('while the upstream $cause', ({ breakIt }) => {
  test('a kept tag is served stale, with a Warning that names the upstream', async () => {
    const { upstream, server, bytes } = await startWithKeptImage()
    await breakIt(upstream)

    for (const method of ['GET', 'HEAD']) {
      const reply = await ask(server, path, { method })
      expect(reply.status).toBe(200)
      expect(reply.headers['x-entrepot-cache']).toBe('stale')
      expect(reply.headers.warning).toMatch(/^299 - "[\x20-\x7e]*docker\.io[\x20-\x7e]*"$/)
      if (method === 'GET') expect(reply.body).toEqual(bytes)
    }
  })

  test('what is kept is served by digest, without a Warning and without asking', async () => {
    const { upstream, server, bytes, digest, layer } = await startWithKeptImage()
    await breakIt(upstream)
    const before = upstream.requests.length

    const manifest = await ask(server, `/v2/team/app/manifests/${digest}`)
    const blob = await ask(server, `/v2/team/app/blobs/${layer}`)

    expect(manifest.body).toEqual(bytes)
    expect(blob.status).toBe(200)
    for (const reply of [manifest, blob]) {
      expect(reply.headers['x-entrepot-cache']).toBe('hit')
      expect(reply.headers).not.toHaveProperty('warning')
    }
    expect(upstream.requests).toHaveLength(before)
  })

  test('what is unknown is no 404', async () => {
    const { upstream, server } = await startWithKeptImage()
    await breakIt(upstream)
    const digest = `sha256:${'0'.repeat(64)}`

    for (const what of ['manifests/2', `manifests/${digest}`, `blobs/${digest}`, 'tags/list']) {
      const reply = await ask(server, `/v2/team/other/${what}`)
      expect([429, 502, 503], what).toContain(reply.status)
      expect(errorOf(reply).message).toContain('docker.io')
    }
  })

  test('the tag is served as usual once the upstream is back', async () => {
    const { upstream, server } = await startWithKeptImage()
    const mend = upstream.script(/./, fail(500))
    expect((await ask(server, path)).headers['x-entrepot-cache']).toBe('stale')
    mend()

    await vi.waitFor(async () => {
      const reply = await ask(server, path)
      expect(reply.headers['x-entrepot-cache']).toBe('hit')
      expect(reply.headers).not.toHaveProperty('warning')
    }, 10_000)
  })
})

describe('an upstream that says no', () => {
  test.each([
    { status: 404, code: 'MANIFEST_UNKNOWN', answered: 404 },
    { status: 401, code: 'DENIED', answered: 403 },
    { status: 403, code: 'DENIED', answered: 403 },
  ])('with $status is believed: nothing stale is served', async ({ status, code, answered }) => {
    const { upstream, server } = await startWithKeptImage()
    upstream.script(/manifests/, fail(status))

    const reply = await ask(server, path)

    expect(reply.status).toBe(answered)
    expect(errorOf(reply).code).toBe(code)
    expect(errorOf(reply).message).toContain('docker.io')
    expect(reply.headers).not.toHaveProperty('www-authenticate')
  })
})

describe('answers about what is not kept', () => {
  test('tell apart why there is none', async () => {
    const { upstream, server, clock } = await startMirrored()
    upstream.repository('team/app')
    const mend = upstream.script(/manifests/, fail(503))
    expect((await ask(server, path)).status).toBe(503)
    mend()
    expect((await ask(server, path)).status).toBe(404)
    upstream.script(/manifests/, sendPage)
    clock.advance(missTtlMs)
    expect((await ask(server, path)).status).toBe(502)
    await upstream.stop()
    const reply = await ask(server, path)
    expect(reply.status).toBe(503)
    expect(errorOf(reply).message).toContain('refuses connections')
  })

  test('pass on for how long upstream wants to be left alone', async () => {
    const { upstream, server } = await startMirrored()
    upstream.script(/manifests|blobs/, fail(429, { 'retry-after': '17' }))

    for (const what of ['manifests/1', `blobs/sha256:${'1'.repeat(64)}`]) {
      const reply = await ask(server, `/v2/team/app/${what}`)
      expect(reply.status).toBe(429)
      expect(reply.headers['retry-after']).toBe('17')
      expect(errorOf(reply).code).toBe('TOOMANYREQUESTS')
    }
  })

  test('give Retry-After in seconds where upstream gave a date', async () => {
    const { upstream, server } = await startMirrored()
    const date = new Date(Date.now() + 60_000).toUTCString()
    upstream.script(/manifests/, fail(429, { 'retry-after': date }))

    const reply = await ask(server, path)

    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(50)
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(60)
  })
})
