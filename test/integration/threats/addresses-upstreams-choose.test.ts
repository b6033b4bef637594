// SSRF: an upstream, or whoever names one, chooses an address of ours (Harbor's CVE-2020-13788,
// Dragonfly's CVE-2025-59346). What counts is the address that is dialled, not the name of it.

import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { digestOf, makeBytes } from '../../support/image-builder.ts'
import { ask, errorOf } from '../../support/raw-client.ts'
import { basicLogin, requireBearer } from '../../support/scripted-auth.ts'
import { redirectTo } from '../../support/scripted-behaviour.ts'
import { challengeWithRealm } from '../../support/scripted-lies.ts'
import { scriptNames } from '../../support/scripted-resolver.ts'
import { startMirrored, startUpstream } from '../../support/start-mirrored.ts'

const bytes = makeBytes('redirected', 200_000)
/** Public, and of nobody: to dial it fails. */
const nowhere = '2a00:dead:beef::1'
const ours = '127.0.0.1'

/** An upstream that sends whoever wants its blob to `target`, and a storage there that would give it. */
const startRedirecting = async (target: (port: number) => string, ofUpstream: object = {}) => {
  const mirrored = await startMirrored({ connectTimeout: '1s', ...ofUpstream })
  const storage = await startUpstream()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  storage.script(/./, () => ({ status: 200, headers: {}, body: bytes }))
  mirrored.upstream.script(`GET ${path}`, redirectTo(target(storage.port)))
  const pull = () => ask(mirrored.server, path)
  return { ...mirrored, storage, pull, path }
}

describe('a redirect', () => {
  test('to a name of a private address is refused unasked (go-containerregistry#2440)', async () => {
    scriptNames({ 'cdn.example.test': [[ours]] })
    const targets = ['localhost', 'cdn.example.test', 'LOCALHOST.', 'cdn.example.test.']
    for (const host of targets) {
      const { storage, pull } = await startRedirecting((port) => `http://${host}:${port}/storage`)
      const reply = await pull()
      expect(reply.status, host).toBeGreaterThanOrEqual(500)
      expect(storage.requests).toEqual([])
    }
  })

  test('says what would allow it', async () => {
    const { pull } = await startRedirecting((port) => `http://localhost:${port}/storage`)
    expect(errorOf(await pull()).message).toContain('allowHosts')
  })

  test.each([
    '127.0.0.2',
    '[::1]',
    '[::ffff:127.0.0.2]',
    '0x7f000002',
    '2130706434',
    '0',
    '0177.2',
  ])('makes no connection to the loopback address %s', async (host) => {
    const connected: unknown[] = []
    const victim = createServer((socket) => connected.push(socket.destroy()))
    await new Promise<void>((resolve) => void victim.listen(0, '::', resolve))
    onTestFinished(() => void victim.close())
    const { port } = victim.address() as { port: number }
    const { pull } = await startRedirecting(() => `http://${host}:${port}/`)

    expect((await pull()).status).toBe(502)
    expect(connected).toHaveLength(0)
  })

  test.each([
    { name: 'AWS, Azure and GCP', host: '169.254.169.254' },
    { name: 'AWS over IPv6', host: '[fd00:ec2::254]' },
    { name: 'Alibaba', host: '100.100.100.200' },
    { name: 'Oracle', host: '192.0.0.192' },
    { name: 'a network that translates addresses', host: '[64:ff9b::a9fe:a9fe]' },
  ])('to the metadata service of $name is refused undialled', async ({ host }) => {
    const { pull } = await startRedirecting(() => `http://${host}/latest/meta-data/`)

    const reply = await pull()

    expect(reply.status).toBe(502)
    expect(errorOf(reply).message).toContain('allowHosts')
  })

  test('to a public host that redirects to ours is refused there', async () => {
    const { upstream, server, path } = await startRedirecting(() => '')
    const second = await startUpstream()
    await server.configure({
      upstreams: { 'docker.io': { url: upstream.url, allowHosts: [`localhost:${second.port}`] } },
    })
    upstream.script(`GET ${path}`, redirectTo(`${second.otherUrl}/hop`))
    const third = await startUpstream()
    second.script(/hop/, redirectTo(`${third.otherUrl}/storage`))

    expect((await ask(server, path)).status).toBe(502)
    expect([second.requests.length, third.requests.length]).toEqual([1, 0])
  })
})

describe('a name whose address changes (DNS rebinding)', () => {
  const target = (port: number) => `http://cdn.example.test:${port}/storage`

  test('is dialled by the very addresses that were checked', async () => {
    const { asked } = scriptNames({ 'cdn.example.test': [[nowhere], [ours]] })
    const { storage, pull } = await startRedirecting(target)

    for (const _ of [1, 2, 3]) expect((await pull()).status).toBeGreaterThanOrEqual(500)

    // Looked up once a connection: no second answer is taken after the one that was checked.
    expect(asked.length).toBeGreaterThan(1)
    expect(storage.requests).toEqual([])
  })

  test('is never dialled by those of its addresses that are private', async () => {
    const { asked } = scriptNames({ 'cdn.example.test': [[nowhere, ours, '::1', '10.0.0.1']] })
    const { storage, pull } = await startRedirecting(target)

    expect((await pull()).status).toBeGreaterThanOrEqual(500)
    expect(asked.length).toBeGreaterThan(0)
    expect(storage.requests).toEqual([])
  })

  test('may be any where allowHosts names it', async () => {
    scriptNames({ 'cdn.example.test': [[ours]] })
    const { storage, pull } = await startRedirecting(target, { allowHosts: ['cdn.example.test'] })

    expect((await pull()).body.equals(bytes)).toBe(true)
    expect(storage.requests).toHaveLength(1)
  })
})

test('a token service under the registry’s own domain is dialled only if it is public', async () => {
  scriptNames({ 'registry.example.test': [[ours]], 'auth.example.test': [[ours]] })
  const { upstream, server } = await startMirrored()
  const stolen = await startUpstream()
  const url = `http://registry.example.test:${upstream.port}`
  const login = { username: 'robot', password: 'top-secret' }
  await server.configure({ upstreams: { 'docker.io': { url, ...login } } })
  requireBearer(upstream, { login: basicLogin('robot', 'top-secret') })
  upstream.script(
    /^GET \/v2\//,
    challengeWithRealm(`http://auth.example.test:${stolen.port}/token`),
  )

  const reply = await ask(server, '/v2/team/app/manifests/1')

  expect(reply.status).toBe(502)
  expect(upstream.count(/^GET \/v2\/$/)).toBe(1)
  expect(stolen.requests).toEqual([])
})

test('the `urls` of a foreign layer are never asked', async () => {
  const { upstream, server } = await startMirrored()
  const elsewhere = await startUpstream()
  const digest = digestOf(bytes)
  elsewhere.script(/./, () => ({ status: 200, headers: {}, body: bytes }))
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  const layer = {
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    size: bytes.length,
    digest,
    urls: [`${elsewhere.url}/layer`, 'http://169.254.169.254/', 'file:///etc/passwd'],
  }
  const manifest = { schemaVersion: 2, mediaType, config: { ...layer, urls: [] }, layers: [layer] }
  const repository = upstream.repository('team/app')
  repository.addManifest({ bytes: Buffer.from(JSON.stringify(manifest)), mediaType }, '1')

  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(200)
  expect((await ask(server, `/v2/team/app/blobs/${digest}`)).status).toBe(404)
  expect(elsewhere.requests).toEqual([])
})

describe('where `*` allows any host, a client', () => {
  test.each(['localhost', '127.0.0.1', '[::1]', '169.254.169.254', 'host.example.test', '0x7f.1'])(
    'names %s, and nothing of ours is asked',
    async (host) => {
      scriptNames({ 'host.example.test': [[ours]] })
      const { server, upstream } = await startMirrored()
      const victim = await startUpstream()
      await server.configure({
        upstreams: { 'docker.io': { url: upstream.url }, '*': { connectTimeout: '1s' } },
      })
      for (const path of [
        `/v2/${host}:${victim.port}/team/app/manifests/1`,
        `/v2/team/app/manifests/1?ns=${encodeURIComponent(`${host}:${victim.port}`)}`,
        `/${host}:${victim.port}/v2/team/app/manifests/1`,
      ]) {
        expect((await ask(server, path)).status, path).toBeGreaterThanOrEqual(400)
      }
      expect(victim.openConnections).toBe(0)
      expect(victim.requests).toEqual([])
    },
  )
})

test('a refusal tells nothing of who else listens where', async () => {
  const statuses = new Set<string>()
  const closed = await startUpstream()
  const { port } = closed
  await closed.stop()
  for (const target of [
    () => `http://127.0.0.2:${port}/`,
    (open: number) => `http://127.0.0.2:${open}/`,
  ]) {
    const { pull } = await startRedirecting(target)
    const reply = await pull()
    statuses.add(`${reply.status} ${errorOf(reply).message.replaceAll(/\d{4,}/g, 'PORT')}`)
  }
  expect(statuses.size).toBe(1)
})

test('what is refused so is no outage of the registry: its other content is served', async () => {
  const { upstream, server, pull } = await startRedirecting(() => 'http://127.0.0.2/')
  const other = upstream.repository('team/app').addBlob(Buffer.from('other'))
  for (const _ of [1, 2, 3, 4, 5, 6]) await pull()

  expect((await ask(server, `/v2/team/app/blobs/${other}`)).status).toBe(200)
})
