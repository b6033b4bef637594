import { beforeAll, expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { redirectTo } from '../support/scripted-behaviour.ts'
import { makeFolder, startServerForTest, startUpstream } from '../support/start-mirrored.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const path = '/v2/team/app/manifests/1'
let certificates: Certificates

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  certificates = await makeCertificates(directory.path)
  return () => directory.remove()
})

const startWithTls = async (settings: Record<string, unknown>) => {
  const upstream = await startUpstream(certificates)
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const upstreams = { 'docker.io': { url: upstream.url, ...settings } }
  const server = await startServerForTest(await makeFolder(), { upstreams })
  return { upstream, server, image }
}

test('an upstream whose CA is configured is believed', async () => {
  const { server, image } = await startWithTls({ ca: certificates.caFile })

  expect((await ask(server, path)).body).toEqual(image.bytes)
})

test('an upstream of an unknown CA is refused, with what to do', async () => {
  const { upstream, server } = await startWithTls({})

  const reply = await ask(server, path)

  expect(reply.status).toBe(503)
  expect(errorOf(reply).message).toContain('give it as ca: in mirrors.yaml')
  expect(upstream.requests).toEqual([])
})

test('a certificate for another name is refused', async () => {
  const { upstream, server } = await startWithTls({ ca: certificates.caFile })
  const url = upstream.url.replace('127.0.0.1', 'localhost.localdomain')
  const other = { 'docker.io': { url, ca: certificates.caFile } }
  await server.configure({ upstreams: other })

  const reply = await ask(server, path)

  expect(reply.status).toBe(503)
  expect(upstream.requests).toEqual([])
})

test('a redirect from https to http is refused unasked', async () => {
  const { upstream, server, image } = await startWithTls({
    ca: certificates.caFile,
    allowHosts: ['localhost'],
  })
  const plain = await startUpstream()
  const layer = image.layers[0]?.digest ?? ''
  upstream.script(/blobs/, redirectTo(`${plain.otherUrl}/v2/team/app/blobs/${layer}`))

  const reply = await ask(server, `/v2/team/app/blobs/${layer}`)

  expect(reply.status).toBe(502)
  expect(errorOf(reply).message).toContain('https: to http:')
  expect(plain.requests).toEqual([])
})

test('a redirect to a host of the same CA is followed', async () => {
  const { upstream, server, image } = await startWithTls({
    ca: certificates.caFile,
    allowHosts: ['localhost'],
  })
  const storage = await startUpstream(certificates)
  const layer = image.layers[0]?.digest ?? ''
  await storage.repository('team/app').addImage('1', smallImage('a'))
  upstream.script(/blobs/, redirectTo(`${storage.otherUrl}/v2/team/app/blobs/${layer}`))

  expect((await ask(server, `/v2/team/app/blobs/${layer}`)).status).toBe(200)
  expect(storage.count(/blobs/)).toBe(1)
})
