import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/raw-client.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { readWhatIsKept } from '../support/what-is-kept.ts'

const mebibyte = 1024 * 1024
/** Of what is refused so much is read at most, besides what waits in buffers of the system. */
const mostReadBytes = 4 * mebibyte
const systemBuffersBytes = 12 * mebibyte

let server: StartedServer

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  server = await startServer(directory.path, { offline: true, access: { anonymous: 'push' } })
  return async () => {
    await server.stop()
    await directory.remove()
  }
})

const refused = [
  { what: 'a manifest that is too large', path: '/v2/team/app/manifests/v1', status: 413 },
  { what: 'a manifest of a name that is refused', path: '/v2/library/a/manifests/v1', status: 403 },
  {
    what: 'a blob of an upload that never was',
    path: '/v2/team/app/blobs/uploads/nothing?digest=sha256:0',
    status: 400,
  },
]

const framings = [
  { framing: 'a length', header: `Content-Length: ${1024 * mebibyte}`, wrap: (c: Buffer) => c },
  {
    framing: 'chunks',
    header: 'Transfer-Encoding: chunked',
    wrap: (c: Buffer) =>
      Buffer.concat([Buffer.from(`${c.length.toString(16)}\r\n`), c, Buffer.from('\r\n')]),
  },
]

describe.each(framings)('of a body with $framing', ({ header, wrap }) => {
  test.each(refused)('$what is answered before the body has come', async ({ path, status }) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`PUT ${path} HTTP/1.1\r\nHost: h\r\n${header}\r\n\r\n`)
    for (let sent = 0; sent < 5; sent++) socket.write(wrap(Buffer.alloc(mebibyte)))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*connection: close`, 'i'),
    )
    socket.destroy()
  })

  test('who reads no answer before all is sent isn’t read for ever', async () => {
    const kept = await readWhatIsKept(server.data)
    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    socket.write(`PUT /v2/library/a/manifests/v1 HTTP/1.1\r\nHost: h\r\n${header}\r\n\r\n`)
    const start = performance.now()
    const chunk = wrap(Buffer.alloc(mebibyte))
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', send)
    send()
    await new Promise<void>((resolve) => socket.on('close', () => resolve()))
    expect(performance.now() - start).toBeLessThan(10_000)
    const left = socket.writableLength
    expect(socket.bytesWritten - left).toBeLessThan(mostReadBytes + systemBuffersBytes)
    expect(await readWhatIsKept(server.data)).toEqual(kept)
  })
})

test('who sends three megabytes before reading anything reads the answer', async () => {
  const socket = connect(server.port, '127.0.0.1')
  const body = Buffer.alloc(3 * mebibyte)
  socket.pause()
  socket.write(
    `PUT /v2/library/a/manifests/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  await new Promise<void>((resolve) => socket.write(body, () => resolve()))
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
  await once(socket, 'close')
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 403 [\s\S]*"DENIED"/)
})

test.each([1, 4, 64])('fetch of %i MiB to a name that is refused gets the answer', async (size) => {
  const reply = await fetch(`http://127.0.0.1:${server.port}/v2/library/a/manifests/v1`, {
    method: 'PUT',
    body: new Uint8Array(size * mebibyte),
  })
  expect(reply.status).toBe(403)
  expect(await reply.text()).toContain('DENIED')
})

test('HEAD and DELETE with bodies are answered', async () => {
  const body = Buffer.alloc(mebibyte)
  const headers = { 'content-length': `${body.length}` }
  const head = await ask(server, '/v2/', { method: 'HEAD', headers, body })
  expect([head.status, head.body.length]).toEqual([200, 0])
  const path = '/v2/team/app/manifests/never'
  expect((await ask(server, path, { method: 'DELETE', headers, body })).status).toBe(404)
})

test('of a short body the rest is awaited, and the connection goes on', async () => {
  const socket = connect(server.port, '127.0.0.1')
  const put = 'PUT /v2/library/a/manifests/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n'
  let isSent = false
  const answered = once(socket, 'data').then(([answer]) => {
    expect(isSent).toBe(true)
    return String(answer)
  })
  socket.write(`${put}{}`)
  // An answer that waited for nothing would have come before these.
  for (let asked = 0; asked < 3; asked++) await ask(server, '/v2/')
  isSent = true
  socket.write('{}')
  expect(await answered).toMatch(/^HTTP\/1\.1 403 (?![\s\S]*connection: close)/i)
  socket.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 /)
  socket.destroy()
})

test('who announces a short body and never sends it is answered too', async () => {
  const socket = connect(server.port, '127.0.0.1')
  const head = 'PUT /v2/library/a/manifests/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n'
  socket.write(head)
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 403 /)
  socket.destroy()
})
