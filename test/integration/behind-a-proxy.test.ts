import { expect, test, vi } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { pushBlob, pushManifest } from '../support/push-over-http.ts'
import { ask, type RawRequest } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import { requestLines, type Settings, type StartedServer } from '../support/start-server.ts'

const client = '203.0.113.7'
const fromOutside = {
  'x-forwarded-for': client,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'registry.example:8443',
  'x-forwarded-prefix': '/registry',
}
const pushing = { access: { anonymous: 'push' } }
const here = ['127.0.0.1']

const start = async (trustedProxies: readonly string[], others: Settings = {}) => {
  const settings = { ...pushing, trustedProxies, ...others }
  return startMirrored({}, settings)
}

const askThrough = (server: StartedServer, path: string, options: RawRequest = {}) =>
  ask(server, path, { ...options, headers: { ...fromOutside, ...options.headers } })

/** A line is written when the connection knows that the answer has gone out. */
const clientsIn = (server: StartedServer, count: number) =>
  vi.waitFor(() => {
    const clients = requestLines(server).map((line) => line.client)
    expect(clients).toHaveLength(count)
    return clients
  })

test('the log names who asked the proxy, also where the answer comes from memory', async () => {
  const { upstream, server } = await start(here)
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  for (const name of ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
    await askThrough(server, '/v2/team/app/manifests/1', { headers: { 'x-forwarded-for': name } })

  expect(await clientsIn(server, 3)).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3'])
})

test('a proxy that nobody trusts is the client, and its headers change nothing', async () => {
  const { server } = await start(['10.0.0.0/8'])

  const begun = await askThrough(server, '/v2/team/app/blobs/uploads/', { method: 'POST' })

  expect(begun.headers.location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\//)
  expect(await clientsIn(server, 1)).toEqual(['127.0.0.1'])
})

test('a changed mirrors.yaml changes who is trusted, in every thread', async () => {
  const { server, settings } = await start([], { threads: 2 })
  const prefixes = async () => {
    const asked = Array.from({ length: 16 }, () =>
      askThrough(server, '/v2/team/app/blobs/uploads/', { method: 'POST' }),
    )
    const replies = await Promise.all(asked)
    return new Set(replies.map(({ headers }) => String(headers.location).split('/')[1]))
  }
  expect(await prefixes()).toEqual(new Set(['v2']))

  await server.configure({ ...settings, trustedProxies: here })

  await vi.waitFor(async () => expect(await prefixes()).toEqual(new Set(['registry'])))
})

test('every Location leads through the proxy, and needs neither scheme nor host for it', async () => {
  const { server } = await start(here)
  const body = Buffer.from('content')
  const { headers } = await pushBlob(server, 'team/app', body)
  const digest = String(headers['docker-content-digest'])
  const other = `/v2/team/other/blobs/uploads/?mount=${digest}&from=team/app`

  const begun = await askThrough(server, '/v2/team/app/blobs/uploads/', { method: 'POST' })
  const upload = String(begun.headers.location)
  const state = await askThrough(server, upload.replace('/registry', ''))
  const ended = await askThrough(server, `${upload.replace('/registry', '')}?digest=${digest}`, {
    method: 'PUT',
    body,
  })
  const mounted = await askThrough(server, other, { method: 'POST' })

  expect(upload).toMatch(/^\/registry\/v2\/team\/app\/blobs\/uploads\/[^/]+$/)
  expect(state.headers.location).toBe(upload)
  expect(ended.headers.location).toBe(`/registry/v2/team/app/blobs/${digest}`)
  expect(mounted.headers.location).toBe(`/registry/v2/team/other/blobs/${digest}`)
})

test('a pushed manifest and the next page of a list are found through the proxy', async () => {
  const { server } = await start(here)
  const config = Buffer.from('{}')
  await pushBlob(server, 'team/app', config)
  for (const tag of ['1', '2'])
    await pushManifest(server, { repository: 'team/app', tag }, { config, layer: config })
  const manifest = await ask(server, '/v2/team/app/manifests/1')
  const { 'content-type': type = '' } = manifest.headers

  const pushed = await askThrough(server, '/v2/team/app/manifests/3', {
    method: 'PUT',
    headers: { 'content-type': type },
    body: manifest.body,
  })
  const tags = await askThrough(server, '/v2/team/app/tags/list?n=1')

  const digest = String(manifest.headers['docker-content-digest'])
  expect(pushed.headers.location).toBe(`/registry/v2/team/app/manifests/${digest}`)
  expect(tags.headers.link).toBe('</registry/v2/team/app/tags/list?n=1&last=1>; rel="next"')
})

test.each([{ proxies: here }, { proxies: [] }])(
  'through a proxy the server is operated with the key, and never without, where $proxies are trusted',
  async ({ proxies }) => {
    const { server } = await start(proxies)
    const statusWith = async (headers: Readonly<Record<string, string>>) => {
      const asked = { host: `localhost:${server.port}`, ...headers }
      const body = '{"offline": true}'
      const options = { method: 'POST', headers: asked, body }
      return (await ask(server, '/api/v1/offline', options)).status
    }
    for (const headers of [
      {},
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-forwarded-proto': 'http' },
      { 'x-forwarded-host': 'localhost' },
      { forwarded: 'for=127.0.0.1' },
      fromOutside,
    ]) {
      expect(await statusWith(headers)).toBe(403)
      expect(await statusWith({ ...headers, ...server.operator.headers })).toBe(200)
    }
  },
)
