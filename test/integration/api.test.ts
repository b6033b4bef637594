import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { findFreePort } from '../support/lab/free-port.ts'
import { ask, errorOf, type RawRequest, type Reply, sendRaw } from '../support/raw-client.ts'
import { fail } from '../support/scripted-behaviour.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const switchPath = '/api/v1/offline'
const switchOn = JSON.stringify({ offline: true })

const json = ({ body }: Reply) => JSON.parse(body.toString())

const isOffline = async (server: StartedServer): Promise<boolean> =>
  json(await ask(server, switchPath)).offline

const post = (server: StartedServer, options: RawRequest = {}): Promise<Reply> =>
  ask(server, switchPath, { method: 'POST', body: switchOn, ...options })

describe('the upstreams', () => {
  test('that have a name in the configuration are shown, asked or not', async () => {
    const { upstream, server } = await startMirrored()
    await server.configure({
      upstreams: {
        'docker.io': { url: [upstream.url, upstream.otherUrl] },
        'ghcr.io': {},
        '*': {},
      },
    })

    const reply = await ask(server, '/api/v1/upstreams')

    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toContain('application/json')
    const idle = { offline: false, blobs: { underWay: 0, waiting: 0 } }
    const urls = [upstream.url, upstream.otherUrl].map((url) => ({ url, state: 'up' }))
    expect(json(reply)).toEqual({
      upstreams: [
        { name: 'docker.io', ...idle, urls },
        { name: 'ghcr.io', ...idle, urls: [{ url: 'https://ghcr.io', state: 'up' }] },
      ],
    })
    expect(upstream.requests).toEqual([])
  })

  test('that are down are shown so, with why and since when', async () => {
    const { upstream, server, clock } = await startMirrored()
    upstream.script(/./, fail(502))
    await ask(server, '/v2/team/app/manifests/1')
    clock.advance(90_000)

    const [{ urls }] = json(await ask(server, '/api/v1/upstreams')).upstreams

    expect(urls).toEqual([
      {
        url: upstream.url,
        state: 'down',
        reason: 'docker.io answered 502',
        forSeconds: expect.any(Number),
      },
    ])
    expect(urls[0].forSeconds).toBeGreaterThanOrEqual(90)
    expect(urls[0].forSeconds).toBeLessThan(95)
  })

  test('are shown to HEAD without a body', async () => {
    const { server } = await startMirrored()
    const reply = await ask(server, '/api/v1/upstreams', { method: 'HEAD' })
    expect(reply.status).toBe(200)
    expect(reply.body).toHaveLength(0)
  })
})

describe('the switch', () => {
  test('is turned on and off, and each answer says how it is then', async () => {
    const { server } = await startMirrored()
    expect(json(await ask(server, switchPath))).toEqual({ offline: false, configured: false })
    for (const offline of [true, true, false, false]) {
      const reply = await server.post(switchPath, { offline })
      expect(reply.status).toBe(200)
      expect(json(reply)).toEqual({ offline, configured: false })
      expect(json(await ask(server, switchPath))).toEqual({ offline, configured: false })
      expect(json(await ask(server, '/api/v1/upstreams')).upstreams[0].offline).toBe(offline)
    }
  })

  test('as curl sends it, without a content type of its own', async () => {
    const { server } = await startMirrored()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await post(server, { headers })).status).toBe(200)
  })

  test('cannot be turned off where mirrors.yaml says offline', async () => {
    const { server, settings } = await startMirrored()
    await server.configure({ ...settings, offline: true })

    const refused = await server.post(switchPath, { offline: false })
    expect(refused.status).toBe(409)
    expect(json(refused).error).toContain('mirrors.yaml')
    expect(json(await server.post(switchPath, { offline: true }))).toEqual({
      offline: true,
      configured: true,
    })

    await server.configure(settings)
    expect(json(await ask(server, switchPath))).toEqual({ offline: true, configured: false })
    expect((await server.post(switchPath, { offline: false })).status).toBe(200)
  })

  test.each([
    '',
    'true',
    'null',
    '[]',
    '{}',
    '{"offline": 1}',
    '{"offline": "true"}',
    '{"offline": null}',
    '{"online": true}',
    '[{"offline": true}]',
    '{"offline": true',
  ])('is not turned by %o', async (body) => {
    const { server } = await startMirrored()
    const reply = await post(server, { body })
    expect(reply.status).toBe(400)
    expect(json(reply).error).toContain('{"offline": true}')
    expect(await isOffline(server)).toBe(false)
  })

  test('is not turned by more than it needs to read', async () => {
    const { server } = await startMirrored()
    const body = `${switchOn}${' '.repeat(5_000)}`
    const reply = await post(server, { body })
    expect(reply.status).toBe(413)
    expect(json(reply).error).toContain('4096')
    const chunked = { 'transfer-encoding': 'chunked' }
    expect((await post(server, { body, headers: chunked })).status).toBe(413)
    expect(await isOffline(server)).toBe(false)
  })

  test('is turned by a body whose length is not told beforehand', async () => {
    const { server } = await startMirrored()
    const reply = await post(server, { headers: { 'transfer-encoding': 'chunked' } })
    expect([reply.status, await isOffline(server)]).toEqual([200, true])
  })
})

describe('the switch is for this machine only', () => {
  test.each([
    { who: 'a page in a browser', headers: { origin: 'http://evil.example' } },
    { who: 'a page of its own', headers: { origin: 'http://localhost:5000' } },
    { who: 'a name that was made to mean this machine', headers: { host: 'evil.example' } },
    { who: "the server's name", headers: { host: 'nas.lan:5000' } },
    { who: 'a proxy', headers: { 'x-forwarded-for': '192.0.2.1' } },
    { who: 'a proxy that tells it otherwise', headers: { forwarded: 'for=192.0.2.1' } },
    { who: 'nginx', headers: { 'x-real-ip': '127.0.0.1' } },
    { who: 'a proxy that names itself', headers: { via: '1.1 cache' } },
  ])('not for $who', async ({ headers }) => {
    const { server } = await startMirrored()
    const reply = await post(server, { headers })
    expect(reply.status).toBe(403)
    expect(json(reply).error).toContain('only from the machine')
    expect(await isOffline(server)).toBe(false)
  })

  test('not for who gives no name at all', async () => {
    const { server } = await startMirrored()
    const text = `POST ${switchPath} HTTP/1.0\r\nContent-Length: ${switchOn.length}\r\n\r\n${switchOn}`
    expect(await sendRaw(server, text)).toContain('403')
    expect(await isOffline(server)).toBe(false)
  })

  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address

  test.skipIf(!outside)('not for another address', async () => {
    const { server } = await startMirrored({}, { listen: '0.0.0.0:0' })
    const options = { host: outside, port: server.port, path: switchPath, method: 'POST' }
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    request({ ...options, headers: { host: 'localhost' } }, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end(switchOn)
    expect(await promise).toBe(403)
    expect(await isOffline(server)).toBe(false)
  })

  test.each(['localhost:5000', '127.0.0.1', '[::1]:5000'])('as %s it is', async (host) => {
    const { server } = await startMirrored()
    expect((await post(server, { headers: { host } })).status).toBe(200)
  })

  test('who may not turn it may still see how it is', async () => {
    const { server } = await startMirrored()
    const headers = { host: 'nas.lan', 'x-forwarded-for': '192.0.2.1' }
    expect((await ask(server, switchPath, { headers })).status).toBe(200)
  })
})

test.each(['/api/v1', '/api/v1/', '/api/v1/nothing', '/api/v1/offline/x', '/api/v2/offline'])(
  'nothing is at %s',
  async (path) => {
    const { server } = await startMirrored()
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect((await ask(server, path, { method })).status).toBe(404)
    }
  },
)

test('the port for dockerd has no API', async () => {
  const port = await findFreePort()
  const { server } = await startMirrored({}, { dockerListen: `127.0.0.1:${port}` })
  for (const path of ['/api/v1/upstreams', switchPath]) {
    const reply = await ask({ port }, path)
    expect(reply.status).toBe(404)
    expect(errorOf(reply).code).toBe('NAME_UNKNOWN')
  }
  expect((await ask({ port }, switchPath, { method: 'POST', body: switchOn })).status).toBe(404)
  expect(await isOffline(server)).toBe(false)
})
