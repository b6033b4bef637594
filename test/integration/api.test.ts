import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { findFreePort } from '../support/lab/free-port.ts'
import { ask, errorOf, type RawRequest, type Reply, sendRaw } from '../support/raw-client.ts'
import { fail } from '../support/scripted-behaviour.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { addToken, bearer, withRecords } from './access/callers.ts'

const switchPath = '/api/v1/offline'
const switchOn = JSON.stringify({ offline: true })

const json = ({ body }: Reply) => JSON.parse(body.toString())

const isOffline = async (server: StartedServer): Promise<boolean> =>
  json(await ask(server, switchPath)).offline

const post = (server: StartedServer, options: RawRequest = {}): Promise<Reply> =>
  ask(server, switchPath, { method: 'POST', body: switchOn, ...options })

/** The same, with the key. */
const operate = (server: StartedServer, options: RawRequest = {}): Promise<Reply> =>
  post(server, { ...options, headers: { ...server.operator.headers, ...options.headers } })

test('what is told depends on who asks, and is kept by nobody in between, errors neither', async () => {
  const { server } = await startMirrored()
  for (const path of [switchPath, '/api/v1/nothing', '/api/v1/audit', '/api/v1/openapi.json'])
    expect((await ask(server, path)).headers['cache-control'], path).toBe('no-store')
})

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
    const login = { configured: false, tokens: 0 }
    const urls = [upstream.url, upstream.otherUrl].map((url) => ({ url, state: 'up', login }))
    expect(json(reply)).toEqual({
      upstreams: [
        { name: 'docker.io', ...idle, urls },
        { name: 'ghcr.io', ...idle, urls: [{ url: 'https://ghcr.io', state: 'up', login }] },
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
        login: { configured: false, tokens: 0 },
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
    expect((await operate(server, { headers })).status).toBe(200)
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
    const reply = await operate(server, { body })
    expect(reply.status).toBe(400)
    expect(json(reply).error).toContain('{"offline": true}')
    expect(await isOffline(server)).toBe(false)
  })

  test('is not turned by more than it needs to read', async () => {
    const { server } = await startMirrored()
    const body = `${switchOn}${' '.repeat(5_000)}`
    const reply = await operate(server, { body })
    expect(reply.status).toBe(413)
    expect(json(reply).error).toContain('4096')
    const chunked = { 'transfer-encoding': 'chunked' }
    expect((await operate(server, { body, headers: chunked })).status).toBe(413)
    expect(await isOffline(server)).toBe(false)
  })

  test('is turned by a body whose length is not told beforehand', async () => {
    const { server } = await startMirrored()
    const reply = await operate(server, { headers: { 'transfer-encoding': 'chunked' } })
    expect([reply.status, await isOffline(server)]).toEqual([200, true])
  })
})

describe('the switch is for whoever operates the server, and wherever they ask from', () => {
  const local = { host: 'localhost:5000' }
  const places = [
    { where: 'as 127.0.0.1', headers: { host: '127.0.0.1' } },
    { where: 'as [::1]', headers: { host: '[::1]:5000' } },
    { where: 'as localhost', headers: local },
    { where: 'by a name that was made to mean this machine', headers: { host: 'evil.example' } },
    { where: "by the server's name", headers: { host: 'nas.lan:5000' } },
    { where: 'through a proxy', headers: { ...local, 'x-forwarded-for': '192.0.2.1' } },
    { where: 'through a proxy of RFC 7239', headers: { ...local, forwarded: 'for=192.0.2.1' } },
    { where: 'through nginx', headers: { ...local, 'x-real-ip': '127.0.0.1' } },
    { where: 'through a proxy that names itself', headers: { ...local, via: '1.1 cache' } },
  ]
  test.each(places)('$where: with the key, and not without', async ({ headers }) => {
    const { server } = await startMirrored()
    const reply = await post(server, { headers })
    expect(reply.status).toBe(403)
    expect(json(reply).error).toContain('run the command where the data folder can be read')
    expect(await isOffline(server)).toBe(false)

    expect((await operate(server, { headers })).status).toBe(200)
    expect(await isOffline(server)).toBe(true)
  })

  const text = (authorization: string) =>
    `POST ${switchPath} HTTP/1.0\r\n${authorization}Content-Length: ${switchOn.length}\r\n\r\n${switchOn}`

  test('who gives no name at all: with the key, and not without', async () => {
    const { server } = await startMirrored()
    expect(await sendRaw(server, text(''))).toContain('403')
    expect(await isOffline(server)).toBe(false)
    const { authorization } = server.operator.headers
    expect(await sendRaw(server, text(`Authorization: ${authorization}\r\n`))).toContain('200 OK')
  })

  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address

  test.skipIf(!outside)('at another address: with the key, and not without', async () => {
    const { server } = await startMirrored({}, { listen: '0.0.0.0:0' })
    const options = { host: outside, port: server.port, path: switchPath, method: 'POST' }
    const askOutside = async (headers: Readonly<Record<string, string>>) => {
      const asked = request({ ...options, headers: { host: 'localhost', ...headers } })
      const [answer] = (await once(asked.end(switchOn), 'response')) as [IncomingMessage]
      answer.resume()
      return answer.statusCode
    }
    expect(await askOutside({})).toBe(403)
    expect(await isOffline(server)).toBe(false)
    expect(await askOutside(server.operator.headers)).toBe(200)
  })

  test.each([
    {
      what: 'another key of that form',
      authorization: `Bearer entrepot_operator_${'A'.repeat(43)}`,
    },
    { what: 'a part of its form', authorization: 'Bearer entrepot_operator_' },
    {
      what: 'a token of nobody',
      authorization: `Bearer entrepot_${'0'.repeat(12)}_${'A'.repeat(43)}`,
    },
  ])('not for $what', async ({ authorization }) => {
    const { server } = await startMirrored()
    const reply = await post(server, { headers: { ...local, authorization } })
    expect([reply.status, await isOffline(server)]).toEqual([401, false])
  })

  test('not for the key of another server', async () => {
    const [one, other] = [await startMirrored(), await startMirrored()]
    expect(one.server.operator.key).not.toBe(other.server.operator.key)
    const { status } = await post(one.server, { headers: other.server.operator.headers })
    expect([status, await isOffline(one.server)]).toEqual([401, false])
  })

  test.each([
    { may: ['pull', 'push', 'delete'], status: 403 },
    { may: ['admin'], status: 200 },
  ] as const)('a token that may $may gets $status', async ({ may, status }) => {
    const { server } = await startMirrored()
    const token = await withRecords(server, (records) => addToken(records, { name: 'ci', may }))
    for (const others of [{}, local, { 'x-forwarded-for': '192.0.2.1' }]) {
      const reply = await post(server, { headers: { ...others, ...bearer(token) } })
      expect(reply.status).toBe(status)
      if (status !== 200) expect(json(reply).error).toContain('may: [admin]')
    }
    expect(await isOffline(server)).toBe(status === 200)
  })

  // It can send to this machine what its user's browser may, and that brings no key by itself.
  test.each([
    { page: 'a page in a browser', origin: 'http://evil.example' },
    { page: 'a page that says it is our own', origin: 'http://localhost:5000' },
    { page: 'a file', origin: 'null' },
  ])('$page turns nothing, and may not send a key', async ({ origin }) => {
    const { server } = await startMirrored()
    const reply = await post(server, { headers: { ...local, origin } })
    expect([reply.status, await isOffline(server)]).toEqual([403, false])
    const asked = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    }
    const preflight = await ask(server, switchPath, { method: 'OPTIONS', headers: asked })
    const seen = await ask(server, switchPath, { headers: { origin } })
    for (const { headers } of [reply, preflight, seen]) {
      const allowed = Object.keys(headers).filter((name) => name.startsWith('access-control'))
      expect(allowed).toEqual([])
    }
  })

  test('nobody can fetch the key', async () => {
    const { server } = await startMirrored()
    for (const path of ['/operator.key', '/v2/../operator.key', '/api/v1/operator.key']) {
      const { body } = await ask(server, path)
      expect(body.toString()).not.toContain(server.operator.key)
    }
    expect(JSON.stringify(server.log)).not.toContain(server.operator.key)
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
