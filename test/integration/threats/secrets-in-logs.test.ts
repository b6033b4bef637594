// Secrets in logs (zot's CVE-2025-48374, Harbor's GHSA-prh4-vhfh-24mj): neither an upstream's nor a
// client's, in whichever place of a request they stand and whatever becomes of it.

import { expect, test, vi } from 'vitest'
import { smallImage } from '../../support/image-builder.ts'
import { ask, type Reply, sendRaw } from '../../support/raw-client.ts'
import { basicLogin, requireBasic, requireBearer } from '../../support/scripted-auth.ts'
import { fail, redirectTo } from '../../support/scripted-behaviour.ts'
import { startMirrored, startUpstream } from '../../support/start-mirrored.ts'
import { requestLines, type StartedServer } from '../../support/start-server.ts'

const login = { username: 'robot', password: 'top-secret' }

/** A line is written when the connection knows that the answer has gone out. */
const waitForLines = async (server: StartedServer, count: number) => {
  await vi.waitFor(() => expect(requestLines(server).length).toBeGreaterThanOrEqual(count))
  return requestLines(server)
}

test.each([
  { name: 'a token', isBearer: true },
  { name: 'a login', isBearer: false },
])(
  'no secret of an upstream that wants $name is in the log, whatever fails',
  async ({ isBearer }) => {
    const { upstream, server } = await startMirrored({ ...login, allowHosts: ['localhost'] })
    const storage = await startUpstream()
    const basic = basicLogin(login.username, login.password)
    if (isBearer) requireBearer(upstream, { login: basic })
    else requireBasic(upstream, basic)
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const layer = `/v2/team/app/blobs/${image.layers[0]?.digest}`
    const pullAll = async () => {
      for (const path of ['/v2/team/app/manifests/1', layer, '/v2/team/app/tags/list']) {
        const headers = { authorization: basicLogin('client', 'its-password') }
        await ask(server, `${path}?token=client-secret`, { headers })
      }
    }

    upstream.script(/blobs/, redirectTo(`${storage.otherUrl}/blob?signature=url-secret`))
    storage.script(/blob/, fail(403))
    await pullAll()
    upstream.script(/team/, fail(500))
    await pullAll()
    upstream.script(/team/, fail(401))
    await pullAll()
    upstream.script(/token/, fail(500))
    await pullAll()
    await Promise.all([upstream.stop(), storage.stop()])
    await pullAll()
    await waitForLines(server, 15)

    const text = JSON.stringify(server.log)
    expect(text).toContain('docker.io')
    for (const secret of [
      'top-secret',
      basic.slice('Basic '.length),
      'secret-token',
      'url-secret',
      'client-secret',
      basicLogin('client', 'its-password').slice('Basic '.length),
    ]) {
      expect(text).not.toContain(secret)
    }
  },
)

const secret = 'client-secret'
const encoded = Buffer.from(`client:${secret}`).toString('base64')
const manifest = '/v2/team/app/manifests/1'

const requests: readonly { name: string; line: string; headers?: readonly string[] }[] = [
  { name: 'the query', line: `GET ${manifest}?token=${secret}` },
  { name: 'the login of an absolute target', line: `GET http://client:${secret}@host${manifest}` },
  { name: 'that, in capitals', line: `GET HTTP://client:${secret}@host${manifest}` },
  { name: 'that, of another scheme', line: `GET registry+x://client:${secret}@host${manifest}` },
  { name: 'that, without a path', line: `GET https://client:${secret}@host?${secret}` },
  { name: 'that, which is none', line: `GET http://client:${secret}@[${manifest}` },
  { name: 'that, for a push', line: `POST http://${secret}@host/v2/team/app/blobs/uploads/` },
  { name: 'a tunnel that is asked for', line: `CONNECT client:${secret}@host:443` },
  { name: 'a Host', line: `GET ${manifest}`, headers: [`Host: client:${secret}@host`] },
  { name: 'Basic', line: `GET ${manifest}`, headers: [`Authorization: Basic ${encoded}`] },
  { name: 'Bearer', line: `PUT ${manifest}`, headers: [`Authorization: Bearer ${secret}`] },
  {
    name: 'two of them',
    line: 'GET /x',
    headers: [`Authorization: ${secret}`, 'Authorization: y'],
  },
  { name: 'a cookie', line: 'GET /api/v1/offline', headers: [`Cookie: session=${secret}`] },
  { name: 'Proxy-Authorization', line: 'GET /v2/', headers: [`Proxy-Authorization: ${secret}`] },
  {
    name: 'what a proxy said of the client',
    line: 'GET /v2/',
    headers: [`X-Forwarded-For: ${secret}`],
  },
  { name: 'what a proxy forwarded', line: 'GET /v2/', headers: [`Forwarded: for="${secret}"`] },
  { name: 'the page before', line: 'GET /v2/', headers: [`Referer: http://h/?${secret}`] },
  { name: 'garbage', line: `GET /v2/ ${secret}`, headers: [`Authorization: Bearer ${secret}`] },
]

test.each(requests)('what a client has in $name is not in the log', async ({ line, headers }) => {
  const { upstream, server } = await startMirrored({}, { trustedProxies: ['127.0.0.1'] })
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  const lines = [`${line} HTTP/1.1`, ...(headers ?? ['Host: host']), 'Connection: close']

  // The second time from memory, where it was kept.
  for (const _ of [1, 2]) await sendRaw(server, `${lines.join('\r\n')}\r\n\r\n`)
  await server.stop()

  const text = JSON.stringify(server.log)
  for (const each of [secret, encoded]) expect(text).not.toContain(each)
  expect(JSON.stringify(upstream.requests)).not.toContain(secret)
})

test('the path of an absolute target is what the log says of it', async () => {
  const { server } = await startMirrored()
  const target = `http://client:${secret}@host${manifest}?token=${secret}`

  await sendRaw(server, `GET ${target} HTTP/1.1\r\nHost: host\r\nConnection: close\r\n\r\n`)

  expect((await waitForLines(server, 1))[0]?.msg).toBe(`GET ${manifest}`)
})

test("the operator's key is neither in the log nor in an answer", async () => {
  const { server } = await startMirrored()
  const { key, headers } = server.operator
  const replies: Reply[] = []
  for (const path of ['/api/v1/repositories', '/api/v1/none', '/v2/', '/token', '/v2/_catalog'])
    for (const method of ['GET', 'POST', 'DELETE'])
      replies.push(await ask(server, path, { method, headers, body: `{"${key}":"${key}"` }))
  await server.stop()

  expect(JSON.stringify(server.log)).not.toContain(key)
  for (const reply of replies)
    expect(JSON.stringify(reply.headers) + reply.body.toString()).not.toContain(key)
})
