import { X509Certificate } from 'node:crypto'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { AttentionAnswer } from '../../src/answers/attention.ts'
import type { SetupAnswer } from '../../src/answers/setup.ts'
import { smallImage } from '../support/image-builder.ts'
import { makeCertificates } from '../support/lab/certificates.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { askSecurely } from '../support/secure-client.ts'
import { makeFolder, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { addUsers, basic, passwords } from './access/callers.ts'

const readAttention = async (server: StartedServer, headers = {}) => {
  const { body } = await ask(server, '/api/v1/attention', { headers })
  const { attention }: AttentionAnswer = JSON.parse(body.toString())
  return attention
}

const readSetup = async (server: StartedServer, headers = {}): Promise<SetupAnswer> => {
  const { body } = await ask(server, '/api/v1/setup', { headers })
  return JSON.parse(body.toString())
}

test('an upstream that is down needs somebody until it answers', async () => {
  const { server, upstream } = await startMirrored()
  expect(await readAttention(server)).toEqual([])
  await upstream.stop()
  for (let times = 0; times < 4; times++) await ask(server, '/v2/team/app/manifests/1')

  const [down] = await readAttention(server)
  expect(down).toMatchObject({ kind: 'upstream-down', severity: 'error' })
  expect(down?.what).toMatch(/^docker\.io can't be reached: /)
  await upstream.start()
  await vi.waitFor(async () => expect(await readAttention(server)).toEqual([]), 8_000)
})

test('being offline is told in every thread, and after a restart too', async () => {
  const { server, restart } = await startMirrored({}, { threads: 2 })
  await server.post('/api/v1/offline', { offline: true })
  const asked = await Promise.all(Array.from({ length: 6 }, () => readAttention(server)))
  for (const attention of asked)
    expect(attention.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['offline', 'warning'],
    ])

  const again = await restart()
  expect(await readAttention(again)).toMatchObject([{ kind: 'offline' }])
  await again.post('/api/v1/offline', { offline: false })
  expect(await readAttention(again)).toEqual([])
})

test('a damaged push is told to admins alone, after a restart too, until it is pushed again', async () => {
  const { server, restart } = await startMirrored()
  await addUsers(server)
  const headers = basic('root', passwords.root)
  const pushed = { tag: '1', recipe: smallImage('a'), headers }
  const { layers } = await pushImage(server, 'team/app', pushed)
  const [hex = ''] = layers.map(({ digest }) => digest.replace('sha256:', ''))
  await writeFile(join(server.data, 'blobs', 'sha256', hex), 'damaged')
  await server.post('/api/v1/verify', { repair: true })
  const kindsFor = async (of: StartedServer, as = {}) =>
    (await readAttention(of, as)).map(({ kind }) => kind)
  await vi.waitFor(async () => {
    expect(await kindsFor(server, headers)).toEqual(['verification-failed'])
  }, 8_000)
  expect(await kindsFor(server)).toEqual([])

  const again = await restart()
  const [damage] = await readAttention(again, headers)
  expect(damage?.what).toMatch(/^sha256:.* is damaged: .*LOST.* team\/app:1 needs it\.$/)
  await pushImage(again, 'team/app', pushed)
  expect(await kindsFor(again, headers)).toEqual([])
})

test('what a client has to know is by the address that it asks', async () => {
  const upstreams = {
    'docker.io': { url: 'http://127.0.0.1:9' },
    'ghcr.io': { private: true },
    '*': {},
  }
  const port = await findFreePort()
  const dockerListen = `127.0.0.1:${port}`
  const hosted = { repositories: ['team/**'] }
  const others = { upstreams, dockerListen, hosted, trustedProxies: ['127.0.0.1'], threads: 2 }
  const { server } = await startMirrored({}, others)

  expect(await readSetup(server)).toEqual({
    address: { scheme: 'http', host: `127.0.0.1:${server.port}`, prefix: '', isProxied: true },
    upstreams: [
      { name: 'docker.io', isPrivate: false },
      { name: 'ghcr.io', isPrivate: true },
    ],
    anyUpstream: true,
    defaultUpstream: 'docker.io',
    views: [{ port, upstream: 'docker.io' }],
    pullsNeedLogin: false,
    pushes: { areOpen: false, repositories: ['team/**'] },
    canLogIn: false,
  })
  const { address } = await readSetup(server, {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'registry.example',
    'x-forwarded-prefix': '/registry',
  })
  expect(address).toEqual({
    scheme: 'https',
    host: 'registry.example',
    prefix: '/registry',
    isProxied: true,
  })
})

test('the configuration is the one in force, and users can log in once there are any', async () => {
  const { server, settings } = await startMirrored()
  await addUsers(server)
  await server.configure({ ...settings, access: { anonymous: 'none' } })

  expect((await ask(server, '/api/v1/setup')).status).toBe(401)
  const setup = await readSetup(server, basic('alice', passwords.alice))
  expect(setup).toMatchObject({ pullsNeedLogin: true, canLogIn: true })
})

test('of TLS the names, the end and the CA are told, where the file has it', async () => {
  const made = await makeCertificates(await makeFolder(), { isChained: true })
  const tls = { cert: made.certFile, key: made.keyFile }
  const { server } = await startMirrored({}, { tls })
  const readTls = async () => {
    const { body } = await askSecurely(server, '/api/v1/setup', made.ca)
    return (JSON.parse(body.toString()) as SetupAnswer).tls
  }
  const own = new X509Certificate(made.cert)

  const found = await readTls()
  expect(found).toEqual({
    names: ['localhost', '127.0.0.1'],
    validUntil: own.validToDate.toISOString(),
    issuer: 'CN=CA',
    isPublic: false,
    clientCertificates: 'none',
  })
})

test('a certificate that its file has the CA of shows it, and no key', async () => {
  const made = await makeCertificates(await makeFolder())
  await appendFile(made.certFile, made.ca)
  const tls = { cert: made.certFile, key: made.keyFile }
  const { server } = await startMirrored({}, { tls })

  const { body } = await askSecurely(server, '/api/v1/setup', made.ca)
  const { tls: found }: SetupAnswer = JSON.parse(body.toString())
  expect(found?.ca?.name).toBe('CN=CA')
  expect(new X509Certificate(found?.ca?.pem ?? '').fingerprint256).toBe(
    new X509Certificate(made.ca).fingerprint256,
  )
  expect(body.toString()).not.toContain('PRIVATE')
})
