import { rename, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigWatcher } from '../../src/config/watch-config.ts'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { sendRaw } from '../support/raw-client.ts'
import { holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import { askSecurely, connectSecurely, openSecureReply } from '../support/secure-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const path = '/v2/team/app/manifests/1'
let folder: string
let certificates: Certificates
let renewed: Certificates

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  folder = directory.path
  certificates = await makeCertificates(join(folder, 'first'), { isChained: true })
  renewed = await makeCertificates(join(folder, 'second'))
  return () => directory.remove()
})

const startWithTls = async (others: object = {}) => {
  const { certFile: cert, keyFile: key } = certificates
  const mirrored = await startMirrored({}, { tls: { cert, key }, ...others })
  const image = await mirrored.upstream.repository('team/app').addImage('1', smallImage('a'))
  return { ...mirrored, image }
}

test('an image is pulled over HTTPS by who knows nothing but the root CA', async () => {
  const { server, image } = await startWithTls()
  const layer = image.layers[0]?.digest ?? ''

  const manifest = await askSecurely(server, path, certificates.ca)
  const blob = await askSecurely(server, `/v2/team/app/blobs/${layer}`, certificates.ca)

  expect(manifest.body).toEqual(image.bytes)
  expect(blob).toMatchObject({ status: 200, isComplete: true })
})

test('the port for dockerd speaks HTTPS too', async () => {
  const port = await findFreePort()
  const { image } = await startWithTls({ dockerListen: `127.0.0.1:${port}` })

  expect((await askSecurely({ port }, path, certificates.ca)).body).toEqual(image.bytes)
})

test('a client of TLS 1.1 is refused', async () => {
  const { server } = await startWithTls()
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const

  const connecting = connectSecurely(server, { ...old, rejectUnauthorized: false })

  await expect(connecting).rejects.toThrow(/protocol version/)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a client of %s gets HTTP/1.1', async (version) => {
  const { server } = await startWithTls()
  const options = { ca: certificates.ca, minVersion: version, maxVersion: version }

  const socket = await connectSecurely(server, { ...options, ALPNProtocols: ['h2', 'http/1.1'] })
  onTestFinished(() => void socket.destroy())

  expect(socket.getProtocol()).toBe(version)
  expect(socket.alpnProtocol).toBe('http/1.1')
})

test('plain HTTP is told that the port speaks HTTPS', async () => {
  const { server } = await startWithTls()

  const answer = await sendRaw(server, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)

  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  const [, body = ''] = answer.split('\r\n\r\n')
  expect(JSON.parse(body)).toMatchObject({ errors: [{ code: 'UNSUPPORTED' }] })
  expect(body).toContain('ask with https://')
})

test('what is no request is refused within TLS as it is without', async () => {
  const { server } = await startWithTls()
  const socket = await connectSecurely(server, { ca: certificates.ca })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).write('nonsense\r\n\r\n')

  await vi.waitFor(() => expect(socket.closed).toBe(true), 5_000)

  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 .*this is no HTTP request/s)
})

test('a handshake that fails leaves a line for debugging, and none tells of the key', async () => {
  const { server } = await startWithTls()
  connect(server.port, '127.0.0.1').end('nonsense that is no TLS')
  const isFailure = ({ msg }: { msg?: unknown }) => msg === 'a TLS handshake failed'

  await vi.waitFor(() => expect(server.log.some(isFailure)).toBe(true), 5_000)
  await askSecurely(server, path, certificates.ca)

  const debug = 20
  expect(server.log.find(isFailure)).toMatchObject({ level: debug, client: '127.0.0.1' })
  const [, firstOfKey = ''] = certificates.key.split('\n')
  expect(JSON.stringify(server.log)).not.toContain(firstOfKey.slice(0, 20))
})

/** As certbot does: names that stay, and lead to files that are replaced. */
const startWithLinks = async () => {
  const place = await makeTemporaryDirectory()
  onTestFinished(() => place.remove())
  const [cert, key] = [join(place.path, 'cert.pem'), join(place.path, 'key.pem')]
  const link = async (name: string, target: string) => {
    await symlink(target, `${name}.new`)
    await rename(`${name}.new`, name)
  }
  await link(cert, certificates.certFile)
  await link(key, certificates.keyFile)
  const mirrored = await startWithTls({ tls: { cert, key } })
  const { server } = mirrored
  const refused: Error[] = []
  const watcher = await ConfigWatcher.open({
    file: join(dirname(server.data), 'mirrors.yaml'),
    environment: {},
    settleMs: 50,
    onChange: (config) => server.takeUp(config),
    onRefused: (error) => refused.push(error),
  })
  onTestFinished(() => watcher.close())
  return { ...mirrored, cert, key, link, refused }
}

const certificateOf = async (server: { port: number }) => {
  const socket = await connectSecurely(server, { rejectUnauthorized: false })
  const { raw } = (socket as TLSSocket).getPeerX509Certificate() ?? {}
  socket.destroy()
  return raw?.toString('base64')
}

const firstOf = (pem: string) => pem.split('-----')[2]?.replace(/\n/g, '')

test('a renewed certificate is for the next connection, and a pull that runs goes on', async () => {
  const { upstream, server, cert, key, link } = await startWithLinks()
  const bytes = makeBytes('renewal', 3_000_000)
  const digest = upstream.repository('team/app').addBlob(bytes)
  const gate = makeGate()
  upstream.script(/^GET .*blobs/, holdAfter(1_000_000, gate))
  const reply = await openSecureReply(server, `/v2/team/app/blobs/${digest}`, certificates.ca)
  await reply.read(500_000)
  expect(await certificateOf(server)).toBe(firstOf(certificates.cert))

  await link(cert, renewed.certFile)
  await link(key, renewed.keyFile)
  await vi.waitFor(async () => {
    expect(await certificateOf(server)).toBe(firstOf(renewed.cert))
  }, 10_000)
  gate.open()

  const whole = await reply.finish()
  expect(whole.isComplete).toBe(true)
  expect(whole.body.equals(bytes)).toBe(true)
  expect((await askSecurely(server, '/v2/', renewed.ca)).status).toBe(200)
})

test('a renewal that is wrong is refused, and the certificate before it stays', async () => {
  const { server, key, link, refused } = await startWithLinks()

  await link(key, renewed.keyFile)
  await vi.waitFor(() => expect(refused).toHaveLength(1), 10_000)

  expect(refused[0]?.message).toContain("which isn't the key of the certificate in")
  expect(await certificateOf(server)).toBe(firstOf(certificates.cert))
})

test('a configuration without tls leaves a server that runs with it as it is', async () => {
  const { server, settings } = await startWithTls()

  await server.configure({ ...settings, tls: 'none' })

  expect((await askSecurely(server, '/v2/', certificates.ca)).status).toBe(200)
})

test('one with tls leaves a server that runs without it as it is', async () => {
  const { server, settings } = await startWithTls({ tls: 'none' })
  const { certFile: cert, keyFile: key } = certificates

  await server.configure({ ...settings, tls: { cert, key } })

  expect(await sendRaw(server, 'GET /v2/ HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
})

test('an expired certificate is served, and who checks it refuses it', async () => {
  const expired = await makeCertificates(join(folder, 'expired'), { days: -1 })
  const tls = { cert: expired.certFile, key: expired.keyFile }
  const { server } = await startWithTls({ tls })

  expect(await certificateOf(server)).toBe(firstOf(expired.cert))
  await expect(askSecurely(server, '/v2/', expired.ca)).rejects.toThrow(/expired/)
})
