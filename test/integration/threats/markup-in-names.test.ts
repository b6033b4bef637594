// Stored XSS (Harbor's CVE-2025-32019 came by a description): a browser that is led to any address of
// the registry, where anybody's content lies, runs none of it and shows none of it in a frame.

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { digestOf, makeBytes, smallImage } from '../../support/image-builder.ts'
import { findFreePort } from '../../support/lab/free-port.ts'
import { pushImage, putManifest, uploadBlob } from '../../support/push-image.ts'
import { ask, errorOf, type RawRequest, type Reply, sendRaw } from '../../support/raw-client.ts'
import { fail, sendInstead, setHeaders } from '../../support/scripted-behaviour.ts'
import { ScriptedUpstream } from '../../support/scripted-upstream.ts'
import { startMirrored } from '../../support/start-mirrored.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const page = Buffer.from('<!doctype html><script>document.title = document.cookie</script>')
const script = '"><script>alert(1)</script>'
const large = makeBytes('large', 200_000)
const csp = "default-src 'none'; frame-ancestors 'none'"

let upstream: ScriptedUpstream
let server: StartedServer
let dockerd: { port: number }

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  upstream = await ScriptedUpstream.start()
  dockerd = { port: await findFreePort() }
  server = await startServer(directory.path, {
    upstreams: { 'docker.io': { url: upstream.url } },
    dockerListen: `127.0.0.1:${dockerd.port}`,
    access: { anonymous: 'push' },
  })
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  for (const bytes of [page, large]) upstream.repository('team/app').addBlob(bytes)
  upstream.script(/team\/down/, fail(500))
  upstream.script(/team\/denied/, fail(401))
  await pushImage(server, 'team/own', { tag: '1', recipe: smallImage('b') })
  await uploadBlob(server, 'team/own', { digest: digestOf(page), bytes: page })
  return async () => {
    await server.stop()
    await upstream.stop()
    await directory.remove()
  }
})

const expectHarmless = ({ headers }: Pick<Reply, 'headers'>) => {
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['content-security-policy']).toBe(csp)
  expect(headers['content-type'] ?? '').not.toMatch(/html|xml|svg|javascript|css/)
}

const blob = (name: string, bytes: Buffer) => `/v2/${name}/blobs/${digestOf(bytes)}`
const uploads = '/v2/team/own/blobs/uploads/'
const unknown = `sha256:${'0'.repeat(64)}`
const ifNoneMatch = { 'if-none-match': `"${digestOf(page)}"` }

const routes: readonly (readonly [status: number, path: string, options?: RawRequest])[] = [
  [200, '/v2/'],
  [200, '/v2/team/app/manifests/1'],
  [404, '/v2/team/app/manifests/none'],
  [503, '/v2/team/down/manifests/1'],
  [403, '/v2/team/denied/manifests/1'],
  [200, '/docker.io/v2/team/app/manifests/1'],
  [200, '/v2/team/app/manifests/1?ns=docker.io'],
  [200, '/v2/team/own/manifests/1'],
  [200, blob('team/app', page)],
  [304, blob('team/app', page), { headers: ifNoneMatch }],
  [200, blob('team/own', page)],
  [206, blob('team/own', page), { headers: { range: 'bytes=0-9' } }],
  [206, blob('team/own', page), { headers: { range: 'bytes=0-3,9-12' } }],
  [416, blob('team/own', page), { headers: { range: 'bytes=9999-' } }],
  [200, blob('team/app', large)],
  [404, `/v2/team/app/blobs/${unknown}`],
  [400, '/v2/team/app/blobs/latest'],
  [400, `/v2/team/${encodeURIComponent(script)}/manifests/1`],
  [400, `/v2/team/app/manifests/${encodeURIComponent('<script>')}`],
  [404, `/${encodeURIComponent(script)}`],
  [400, `/v2/team/app/manifests/1?ns=${encodeURIComponent(script)}`],
  [200, '/v2/team/app/tags/list'],
  [200, '/v2/team/own/tags/list'],
  [400, '/v2/team/app/tags/list?n=<b>'],
  [200, `/v2/team/app/referrers/${unknown}`],
  [200, '/v2/_catalog'],
  [202, uploads, { method: 'POST' }],
  [201, `${uploads}?digest=${digestOf(page)}`, { method: 'POST', body: page }],
  [404, `${uploads}none`],
  [400, `${uploads}?digest=${unknown}`, { method: 'POST', body: page }],
  [400, '/v2/team/own/manifests/2', { method: 'PUT', body: page }],
  [405, '/v2/_catalog', { method: 'DELETE' }],
  [403, `/v2/library/app/blobs/uploads/`, { method: 'POST' }],
  [200, '/healthz'],
  [200, '/readyz'],
  [200, '/metrics'],
  [302, '/'],
  [302, '/ui'],
  [200, '/api/v1/repositories'],
  [200, '/api/v1/images?repository=team/own'],
  [200, '/api/v1/image?name=team/own:1'],
  [400, `/api/v1/image?name=${encodeURIComponent(script)}`],
  [200, '/api/v1/upstreams'],
  [200, '/api/v1/offline'],
  [200, '/api/v1/space'],
  [200, '/api/v1/pins'],
  [200, '/api/v1/budget'],
  [200, `/api/v1/why?name=${unknown}`],
  [403, '/api/v1/pin', { method: 'POST', body: page }],
  [200, '/token'],
  [200, `/token?service=${encodeURIComponent(script)}&scope=${encodeURIComponent(script)}`],
  [200, '/v2/', { headers: { authorization: 'Bearer <script>' } }],
  [200, '/token', { headers: { authorization: `Basic ${btoa(`${script}:${script}`)}` } }],
  [404, `/api/v1/${encodeURIComponent(script)}`],
]

test.each(
  routes.map(([status, path, options = {}]) => {
    const title = `${options.method ?? 'GET'} ${path.slice(0, 60)} ${options.headers?.range ?? ''}`
    return { title, status, path, options }
  }),
)('$title: $status, which no browser runs', async ({ status, path, options }) => {
  const reply = await ask(server, path, options)
  expect(reply.status, reply.body.toString()).toBe(status)
  expectHarmless(reply)
  if (options.method !== undefined) return
  expectHarmless(await ask(server, path, { ...options, method: 'HEAD' }))
  // By then from memory, where it is kept.
  expectHarmless(await ask(server, path, options))
})

test('the port for dockerd says the same', async () => {
  for (const path of ['/v2/', '/v2/team/app/manifests/1', '/api/v1/offline', '/healthz'])
    expectHarmless(await ask(dockerd, path))
})

test.each([
  { name: 'what is no request', text: 'not http at all\r\n\r\n', status: 400 },
  {
    name: 'headers that are too long',
    text: `GET /v2/ HTTP/1.1\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
    status: 431,
  },
  {
    name: 'a Host that is none',
    text: 'GET /v2/ HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n',
    status: 200,
  },
  {
    name: 'a target that is none',
    text: 'GET http://[/v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
    status: 400,
  },
  {
    name: 'an expectation',
    text: 'GET /v2/ HTTP/1.1\r\nHost: h\r\nExpect: x\r\nConnection: close\r\n\r\n',
    status: 200,
  },
])('$name is answered so, too: $status', async ({ text, status }) => {
  const answer = (await sendRaw(server, text)).toLowerCase()
  expect(answer).toMatch(new RegExp(`^http/1\\.1 ${status} `))
  expect(answer).toContain(`\r\nx-content-type-options: nosniff\r\n`)
  expect(answer).toContain(`\r\ncontent-security-policy: ${csp}\r\n`)
})

describe('a manifest is never a page', () => {
  test.each(['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/html+json; x="'])(
    'nor pushed as %s',
    async (mediaType) => {
      const manifest = { schemaVersion: 2, mediaType, config: {}, layers: [], note: script }
      const bytes = Buffer.from(JSON.stringify(manifest))
      const reply = await putManifest(server, 'team/own', { reference: 'page', mediaType, bytes })
      expect(reply.status).toBe(400)
      expectHarmless(reply)
    },
  )

  test.each(['text/html', 'image/svg+xml'])('nor mirrored as %s', async (type) => {
    const { upstream, server } = await startMirrored()
    await upstream.repository('team/app').addImage('1', smallImage('a'))
    onTestFinished(upstream.script(/manifests/, setHeaders({ 'content-type': type })))
    onTestFinished(upstream.script(/^GET .*manifests/, sendInstead(page)))

    const reply = await ask(server, '/v2/team/app/manifests/1')

    expect(reply.status).toBe(502)
    expect(reply.body.toString()).not.toContain('<script')
    expectHarmless(reply)
  })
})

test("what an image says of itself is told as JSON, and an upstream's words aren't repeated", async () => {
  const recipe = { ...smallImage('marked'), labels: { [script]: script } }
  await pushImage(server, 'team/marked', { tag: '1', recipe })
  const said = Buffer.from(JSON.stringify({ errors: [{ code: script, message: script }] }))
  onTestFinished(upstream.script(/team\/said/, fail(404)))
  onTestFinished(upstream.script(/team\/said/, sendInstead(said)))

  const inspected = await ask(server, '/api/v1/image?name=team/marked:1')
  const refused = await ask(server, '/v2/team/said/manifests/1')

  expect(inspected.headers['content-type']).toBe('application/json')
  expect(JSON.parse(inspected.body.toString())).toBeTypeOf('object')
  expect(errorOf(refused).message).not.toContain('<script')
  for (const reply of [inspected, refused]) expectHarmless(reply)
})
