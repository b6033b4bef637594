import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { makeBytes } from '../support/image-builder.ts'
import { ask, type Reply, sendRaw } from '../support/raw-client.ts'
import { requestLines, type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { readWhatIsKept } from '../support/what-is-kept.ts'

const blob = makeBytes('truncated', 3_000_000)
const digest = digestOf(blob)
/** What comes of it before the connection breaks. */
const first = blob.subarray(0, 1_500_000)

let directory: TemporaryDirectory
let server: StartedServer

/** A request that ends in the middle of its body. */
type Truncated = { readonly method: string; readonly path: string; readonly isChunked: boolean }

function headOf({ method, path, isChunked }: Truncated): string {
  const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${blob.length}`
  return `${method} ${path} HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n`
}

async function breakOff(request: Truncated): Promise<void> {
  const before = countBroken()
  const socket = connect(server.port, '127.0.0.1').on('error', () => {})
  socket.write(headOf(request))
  if (request.isChunked) socket.write(`${blob.length.toString(16)}\r\n`)
  await new Promise<void>((resolve) => socket.write(first, () => resolve()))
  socket.destroy()
  await vi.waitFor(() => expect(countBroken()).toBe(before + 1), 5000)
}

function countBroken(): number {
  return requestLines(server).filter((line) => line.broken === true).length
}

/** As soon as the server knows that the connection is broken. */
async function untilFree(act: () => Promise<Reply>): Promise<Reply> {
  return vi.waitFor(async () => {
    const reply = await act()
    expect(reply.status).not.toBe(416)
    return reply
  }, 5000)
}

const uploads = '/v2/team/app/blobs/uploads/'

async function begin(): Promise<string> {
  const begun = await ask(server, uploads, { method: 'POST' })
  expect(begun.status).toBe(202)
  return begun.headers.location ?? ''
}

describe.each([1, 2])('with %i threads', (threads) => {
  beforeAll(async () => {
    directory = await makeTemporaryDirectory()
    server = await startServer(directory.path, {
      threads,
      offline: true,
      access: { anonymous: 'push' },
    })
  })
  afterAll(async () => {
    await server.stop()
    await directory.remove()
  })

  describe.each([
    { framing: 'a length', isChunked: false },
    { framing: 'chunks', isChunked: true },
  ])('of a body with $framing', ({ isChunked }) => {
    test.each([
      { method: 'POST', path: `${uploads}?digest=${digest}` },
      { method: 'PUT', path: '/v2/team/app/manifests/v1' },
      { method: 'PUT', path: `/v2/team/app/manifests/${digest}` },
    ])('$method $path leaves nothing', async ({ method, path }) => {
      const kept = await readWhatIsKept(server.data)
      await breakOff({ method, path, isChunked })
      await vi.waitFor(async () => expect(await readWhatIsKept(server.data)).toEqual(kept), 5000)
      expectNoFaults()
    })

    test.each(['PATCH', 'PUT'])('a session goes on where a %s broke off', async (method) => {
      const path = await begin()
      const target = method === 'PUT' ? `${path}?digest=${digest}` : path
      await breakOff({ method, path: target, isChunked })
      const empty = { method: 'PATCH', headers: { 'content-length': '0' } }
      const reply = await untilFree(() => ask(server, path, empty))
      const got = Number(reply.headers.range?.slice('0-'.length)) + 1
      expect(got).toBeGreaterThan(1)
      expect(got).toBeLessThanOrEqual(first.length)

      const rest = { method: 'PATCH', body: blob.subarray(got) }
      const headers = { 'content-range': `${got}-${blob.length - 1}` }
      expect((await ask(server, path, { ...rest, headers })).status).toBe(202)
      const done = await ask(server, `${path}?digest=${digest}`, { method: 'PUT' })
      expect(done.status).toBe(201)
      expectNoFaults()
    })
  })

  test('a client that ends its side in the middle is told what is wrong', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.write(headOf({ method: 'PUT', path: '/v2/team/app/manifests/v1', isChunked: false }))
    socket.end(first.subarray(0, 1000))
    await once(socket, 'close')
    const answer = Buffer.concat(chunks).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('the connection ended before the request did')
    expectNoFaults()
  })

  test('two clients that write to one session are told apart', async () => {
    const path = await begin()
    const socket = connect(server.port, '127.0.0.1').on('error', () => {})
    socket.write(headOf({ method: 'PATCH', path, isChunked: false }))
    socket.write(first)
    await vi.waitFor(async () => {
      expect((await ask(server, path)).headers.range).not.toBe('0-0')
    }, 5000)
    const second = await ask(server, path, { method: 'PATCH', body: Buffer.from('other') })
    expect(second.status).toBe(416)
    expect(second.body.toString()).toContain('another request is writing to this upload')
    socket.destroy()
    const gone = await untilFree(() => ask(server, path, { method: 'DELETE' }))
    expect(gone.status).toBe(204)
  })

  test('a request behind a refused one on the same connection is answered', async () => {
    const body = 'x'.repeat(2000)
    const push = `PUT /v2/library/app/manifests/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n${body}`
    const answers = await sendRaw(
      server,
      `${push}${push}GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    )
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 403',
      'HTTP/1.1 403',
      'HTTP/1.1 200',
    ])
  })
})

function expectNoFaults(): void {
  expect(server.log.filter((line) => Number(line.level) >= 40)).toEqual([])
}
