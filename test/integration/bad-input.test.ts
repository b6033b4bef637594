import { beforeAll, beforeEach, expect, test } from 'vitest'
import { expectRegistryError } from '../support/expect-registry-error.ts'
import { type BuiltImage, smallImage } from '../support/image-builder.ts'
import { ask, sendRaw } from '../support/raw-client.ts'
import { ScriptedUpstream } from '../support/scripted-upstream.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const long = (length: number) => 'x'.repeat(length)
const zeros = `sha256:${'0'.repeat(64)}`

let upstream: ScriptedUpstream
let server: StartedServer
let image: BuiltImage

// One server for all of it: what is refused leaves nothing behind.
beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  upstream = await ScriptedUpstream.start()
  image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  server = await startServer(directory.path, { upstreams: { 'docker.io': { url: upstream.url } } })
  return async () => {
    await server.stop()
    await upstream.stop()
    await directory.remove()
  }
})

beforeEach(() => {
  upstream.requests.length = 0
})

const refused: [path: string, status: number, code: string][] = [
  ['/v2/Team/app/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team//app/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/-app/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/a___b/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/app%20x/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/../app/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/%2e%2e/app/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/..%2f..%2fetc/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/%252e%252e/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/app%00/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/app%0d%0ax-injected:1/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/%zz/manifests/1', 400, 'NAME_INVALID'],
  ['/v2/team/%ff/manifests/1', 400, 'NAME_INVALID'],
  [`/v2/team/${long(256)}/manifests/1`, 400, 'NAME_INVALID'],
  [`/v2/team/${long(20_000)}/manifests/1`, 400, 'NAME_INVALID'],
  ['/v2/team/app/manifests/1?ns=%2e%2e', 400, 'NAME_INVALID'],
  [`/v2/team/app/manifests/1?ns=${long(300)}`, 400, 'NAME_INVALID'],
  ['/v2/team/app/manifests/.hidden', 400, 'MANIFEST_INVALID'],
  ['/v2/team/app/manifests/', 400, 'MANIFEST_INVALID'],
  ['/v2/team/app/manifests/a%2fb', 404, 'NAME_UNKNOWN'],
  [`/v2/team/app/manifests/${long(129)}`, 400, 'MANIFEST_INVALID'],
  [`/v2/team/app/manifests/${long(20_000)}`, 400, 'MANIFEST_INVALID'],
  ['/v2/team/app/manifests/sha256:baddigeststring', 400, 'DIGEST_INVALID'],
  [`/v2/team/app/manifests/${zeros.toUpperCase()}`, 400, 'DIGEST_INVALID'],
  ['/v2/team/app/manifests/blake3:00', 400, 'DIGEST_INVALID'],
  ['/v2/team/app/blobs/latest', 400, 'DIGEST_INVALID'],
  [`/v2/team/app/blobs/${zeros}0`, 400, 'DIGEST_INVALID'],
  [`/v2/team/app/blobs/${zeros.slice(0, -1)}G`, 400, 'DIGEST_INVALID'],
  ['/v2/team/app/blobs/sha512:00', 400, 'DIGEST_INVALID'],
  ['/v2/team/app/blobs/..%2f..%2fentrepot.db', 404, 'NAME_UNKNOWN'],
  ['/v2/team/app/tags/list?n=-1', 400, 'PAGINATION_NUMBER_INVALID'],
  ['/v2/team/app/tags/list?n=abc', 400, 'PAGINATION_NUMBER_INVALID'],
  ['/v2/team/app/nothing/here', 404, 'NAME_UNKNOWN'],
  ['/v2/manifests/1', 404, 'NAME_UNKNOWN'],
  ['/etc/passwd', 404, 'NAME_UNKNOWN'],
  ['/../../etc/passwd', 404, 'NAME_UNKNOWN'],
  ['/v2/../../etc/passwd', 404, 'NAME_UNKNOWN'],
  ['//v2/team/app/manifests/1', 404, 'NAME_UNKNOWN'],
  ['/v1/search?q=x', 404, 'NAME_UNKNOWN'],
]

test.each(
  refused.map(([path, status, code]) => ({ start: path.slice(0, 60), path, status, code })),
)('$start is refused with $status $code', async ({ path, status, code }) => {
  expectRegistryError(await ask(server, path), status, code)
  expect(upstream.count(/manifests|blobs/)).toBe(0)
})

test.each([
  ['PUT', '/v2/team/app/manifests/1'],
  ['DELETE', '/v2/team/app/manifests/1'],
  ['DELETE', `/v2/team/app/blobs/${zeros}`],
  ['POST', '/v2/team/app/blobs/uploads/'],
  ['PATCH', '/v2/team/app/blobs/uploads/some-id'],
  ['PUT', `/v2/team/app/blobs/uploads/some-id?digest=${zeros}`],
])('%s %s is denied while nobody may push', async (method, path) => {
  expectRegistryError(await ask(server, path, { method }), 403, 'DENIED')
  expect(upstream.requests).toEqual([])
})

test.each([
  ['OPTIONS', '/v2/team/app/manifests/1', 'GET, HEAD, PUT, DELETE'],
  ['TRACE', '/v2/team/app/manifests/1', 'GET, HEAD, PUT, DELETE'],
  ['PUT', '/v2/team/app/tags/list', 'GET, HEAD'],
  ['PUT', '/docker.io/v2/team/app/manifests/1', 'GET, HEAD'],
  ['PROPFIND', '/v2/', 'GET, HEAD'],
  ['POST', '/v2/_catalog', 'GET, HEAD'],
])('%s %s is not supported', async (method, path, allowed) => {
  const reply = await ask(server, path, { method })

  expectRegistryError(reply, 405, 'UNSUPPORTED')
  expect(reply.headers.allow).toBe(allowed)
  expect(upstream.requests).toEqual([])
})

test('a HEAD that is refused has the headers of the error and no body', async () => {
  const reply = await ask(server, '/v2/Team/app/manifests/1', { method: 'HEAD' })

  expect(reply.status).toBe(400)
  expect(reply.headers['content-type']).toMatch(/^application\/json/)
  expect(reply.body).toHaveLength(0)
})

test('an absolute-form target means its path', async () => {
  const target = 'http://elsewhere.example/v2/team/app/manifests/1'
  const answer = await sendRaw(
    server,
    `GET ${target} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n`,
  )

  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).toContain(image.bytes.toString())
})

test.each(['GET /healthz', 'GET /v2/'])(
  '%s of HTTP/1.0 needs no Host, as load balancers ask',
  async (request) => {
    const answer = await sendRaw(server, `${request} HTTP/1.0\r\n\r\n`)

    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  },
)

test.each([
  { name: 'a Host that is none', lines: ['GET /v2/ HTTP/1.1', 'Host: a b/c'] },
  { name: 'a target that is no path', lines: ['OPTIONS * HTTP/1.1', 'Host: h'] },
  { name: 'no Host', lines: ['GET /v2/ HTTP/1.1'] },
  { name: 'an expectation', lines: ['GET /v2/ HTTP/1.1', 'Host: h', 'Expect: x'] },
  { name: 'a Host with a login', lines: ['GET /v2/ HTTP/1.1', 'Host: user@host'] },
  { name: 'a backslash in the path', lines: ['GET /v2/a\\b/manifests/1 HTTP/1.1', 'Host: h'] },
])('$name is answered, and not with a fault of ours', async ({ lines }) => {
  const answer = await sendRaw(server, `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`)

  expect(answer).toMatch(/^HTTP\/1\.1 (200 |400 [\s\S]*"errors":)/)
  expect(answer).not.toMatch(/node_modules|\bat .*:\d+/)
})

test('headers of more than 32 KiB are refused with 431', async () => {
  const answer = await sendRaw(
    server,
    `GET /v2/ HTTP/1.1\r\nHost: h\r\nX-Long: ${long(40_000)}\r\n\r\n`,
  )

  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  expect(answer).toContain('"message":"the headers have more than 32 KiB')
})

test.each(['not http at all\r\n\r\n', 'GET\r\n\r\n', 'GET /v2/ HTTP/9.9\r\n\r\n'])(
  'the bytes %j are refused with 400, and others are served on',
  async (bytes) => {
    const answer = await sendRaw(server, bytes)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('"message":"this is no HTTP request')
    expect((await ask(server, '/v2/')).status).toBe(200)
  },
)
