import { expect, test } from 'vitest'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { basicLogin, requireBasic, requireBearer } from '../support/scripted-auth.ts'
import { fail, redirectTo } from '../support/scripted-behaviour.ts'
import { startMirrored, startUpstream } from '../support/start-mirrored.ts'

const bytes = makeBytes('redirected', 200_000)
const elsewhere = { allowHosts: ['localhost'] }

/** An upstream that sends us to a storage host for its blob. */
const startRedirecting = async (settings: Record<string, unknown>, status = 307) => {
  const mirrored = await startMirrored(settings)
  const storage = await startUpstream()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  storage.script(/^GET \/storage/, () => ({
    status: 200,
    headers: { 'content-length': String(bytes.length) },
    body: bytes,
  }))
  const target = `${storage.otherUrl}/storage?signature=url-secret`
  mirrored.upstream.script(`GET ${path}`, redirectTo(target, status))
  return { ...mirrored, storage, path }
}

test.each([301, 302, 303, 307, 308])('a %i to another host is followed', async (status) => {
  const { server, storage, path } = await startRedirecting(elsewhere, status)

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(reply.headers).not.toHaveProperty('location')
  expect(reply.body.equals(bytes)).toBe(true)
  expect(storage.count(/^GET \/storage\?signature=url-secret$/)).toBe(1)
})

test('a token stays with the registry that wants it', async () => {
  const { upstream, server, storage, path } = await startRedirecting(elsewhere)
  const { tokens } = requireBearer(upstream)

  expect((await ask(server, path)).status).toBe(200)

  expect(tokens).toHaveLength(1)
  for (const { headers } of storage.requests) expect(headers).not.toHaveProperty('authorization')
})

test('a login stays with the registry that wants it', async () => {
  const login = { username: 'robot', password: 'top-secret' }
  const { upstream, server, storage, path } = await startRedirecting({ ...elsewhere, ...login })
  requireBasic(upstream, basicLogin('robot', 'top-secret'))

  expect((await ask(server, path)).status).toBe(200)

  expect(storage.requests).toHaveLength(1)
  for (const { headers } of storage.requests) expect(headers).not.toHaveProperty('authorization')
})

test('a redirect within the registry is followed, with the token', async () => {
  const { upstream, server } = await startMirrored()
  requireBearer(upstream)
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const path = '/v2/team/app/manifests/1'
  upstream.script(`GET ${path}`, redirectTo(`/v2/team/app/manifests/${image.descriptor.digest}`))

  expect((await ask(server, path)).body).toEqual(image.bytes)
  const [followed] = upstream.find(`GET /v2/team/app/manifests/${image.descriptor.digest}`)
  expect(followed?.headers.authorization).toMatch(/^Bearer /)
})

test('redirects that go round end', async () => {
  const { upstream, server } = await startMirrored()
  const digest = upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  upstream.script(/blobs/, redirectTo(path))

  const reply = await ask(server, path)

  expect(reply.status).toBe(502)
  expect(errorOf(reply).message).toContain('redirected more than')
  expect(upstream.count(/blobs/)).toBeLessThanOrEqual(11)
})

test.each(['', 'ftp://localhost/blob', 'file:///etc/passwd', 'http://['])(
  'a redirect to "%s" is refused',
  async (target) => {
    const { upstream, server } = await startMirrored(elsewhere)
    const digest = upstream.repository('team/app').addBlob(bytes)
    const path = `/v2/team/app/blobs/${digest}`
    upstream.script(`GET ${path}`, redirectTo(target))

    const reply = await ask(server, path)

    expect(reply.status).toBe(502)
    expect(errorOf(reply).message).toContain('docker.io')
  },
)

test('a storage host that refuses is no word of the registry about access', async () => {
  const { server, storage, path } = await startRedirecting(elsewhere)
  storage.script(/storage/, fail(403))

  const reply = await ask(server, path)

  expect(reply.status).toBe(502)
  expect(errorOf(reply).message).not.toContain('url-secret')
})
