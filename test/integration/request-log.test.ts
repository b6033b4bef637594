import { connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { fail, holdAfter, makeGate, sendInstead, waitFor } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import { requestLines, type StartedServer } from '../support/start-server.ts'

const info = 30
const warn = 40

/** A line is written when the connection knows that the answer has gone out. */
const waitForLines = async (server: StartedServer, count: number) => {
  await vi.waitFor(() => expect(requestLines(server).length).toBeGreaterThanOrEqual(count))
  return requestLines(server)
}

test('each request leaves one line that says what was asked and how it came about', async () => {
  const { upstream, server } = await startMirrored()
  const image = await upstream.repository('library/alpine').addImage('1', smallImage('a'))
  const layer = image.layers[0]
  await ask(server, '/v2/alpine/manifests/1?ns=docker.io')
  await ask(server, '/v2/alpine/manifests/1', { method: 'HEAD' })
  await pullUntilKept(server, `/v2/alpine/blobs/${layer?.digest}`)
  await ask(server, `/v2/alpine/blobs/${layer?.digest}`, { headers: { range: 'bytes=0-9' } })
  const before = (await waitForLines(server, 4)).length
  await ask(server, '/v2/alpine/manifests/none')
  const lines = await waitForLines(server, before + 1)

  const common = { client: '127.0.0.1', upstream: 'docker.io', repository: 'library/alpine' }
  expect(lines[0]).toMatchObject({
    ...common,
    level: info,
    method: 'GET',
    reference: '1',
    status: 200,
    cache: 'miss',
    bytes: image.bytes.length,
    ms: expect.any(Number),
    msg: 'GET /v2/alpine/manifests/1',
  })
  expect(lines[1]).toMatchObject({ ...common, method: 'HEAD', status: 200, cache: 'hit', bytes: 0 })
  expect(lines[before - 2]).toMatchObject({ reference: layer?.digest, bytes: layer?.size })
  expect(lines[before - 1]).toMatchObject({ status: 206, bytes: 10, cache: 'hit' })
  expect(lines[before]).toMatchObject({ ...common, status: 404, reference: 'none' })
  expect(lines[before]?.error).toMatch(/^MANIFEST_UNKNOWN: .*docker\.io/)
  expect(lines).toHaveLength(before + 1)
  for (const line of lines) expect(line).not.toHaveProperty('broken')
})

test('an answer that broke off is marked, with the bytes that had gone out', async () => {
  const { upstream, server } = await startMirrored()
  const digest = upstream.repository('team/app').addBlob(makeBytes('log', 3_000_000))
  const path = `/v2/team/app/blobs/${digest}`
  upstream.script(`GET ${path}`, sendInstead(Buffer.alloc(3_000_000)))

  await ask(server, path)

  const [line] = await waitForLines(server, 1)
  expect(line).toMatchObject({ broken: true, error: expect.stringContaining('docker.io') })
  expect(Number(line?.bytes)).toBeLessThan(3_000_000)
})

test.each([
  { name: 'by the short way', header: '' },
  { name: 'by the long way', header: 'If-None-Match: "another"\r\n' },
])(
  'a small answer from memory, $name, counts once it has left, and not where it broke',
  async ({ header }) => {
    const { upstream, server } = await startMirrored()
    const bytes = makeBytes('small', 60_000)
    const path = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
    await pullUntilKept(server, path)
    await waitForLines(server, 1)
    const before = requestLines(server).length
    // More than the kernel holds for a client that reads nothing.
    const client = connect(server.port, '127.0.0.1').on('error', () => {})
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n`.repeat(400))
    await waitForLines(server, before + 10)

    client.resetAndDestroy()

    const newLines = () => requestLines(server).slice(before)
    const isBroken = (line: object) => 'broken' in line
    await vi.waitFor(() => expect(newLines().some(isBroken)).toBe(true), 5_000)
    for (const line of newLines()) {
      expect(line).toMatchObject({ status: 200, bytes: isBroken(line) ? 0 : bytes.length })
    }
  },
)

test('a client that left before any answer has no status', async () => {
  const { upstream, server } = await startMirrored()
  const path = '/v2/team/app/manifests/1'
  const gate = makeGate()
  upstream.script(`GET ${path}`, waitFor(gate))
  const leaving = new AbortController()
  const reply = openReply(server, path, { signal: leaving.signal })
  const left = expect(reply).rejects.toThrow()
  await vi.waitFor(() => expect(upstream.count(`GET ${path}`)).toBe(1))
  leaving.abort()
  await left

  const [line] = await waitForLines(server, 1)

  expect(line).toMatchObject({ broken: true, reference: '1' })
  expect(line).not.toHaveProperty('status')
  gate.open()
})

test('a client that left is marked, without an error', async () => {
  const { upstream, server } = await startMirrored()
  const digest = upstream.repository('team/app').addBlob(makeBytes('log', 3_000_000))
  const path = `/v2/team/app/blobs/${digest}`
  const gate = makeGate()
  upstream.script(`GET ${path}`, holdAfter(2_000_000, gate))
  const reply = await openReply(server, path)
  await reply.read(1_000_000)
  reply.leave()

  const [line] = await waitForLines(server, 1)

  expect(line).toMatchObject({ broken: true, status: 200 })
  expect(line).not.toHaveProperty('error')
  gate.open()
})

test('answers of 5xx are warnings, and questions of health and metrics are not noted', async () => {
  const { upstream, server } = await startMirrored()
  upstream.script(/manifests/, fail(500))
  await ask(server, '/healthz')
  await ask(server, '/readyz')
  await ask(server, '/metrics')
  await ask(server, '/v2/team/app/manifests/1')

  const lines = await waitForLines(server, 4)

  expect(lines.filter(({ level }) => Number(level) >= info)).toHaveLength(1)
  expect(lines.at(-1)).toMatchObject({ level: warn, status: 503 })
})

test('nothing is printed past the log', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => printed.mockRestore())
  const { upstream, server } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = `blobs/${image.layers[0]?.digest}`

  for (const what of ['manifests/1', 'manifests/none', layer, 'tags/list', 'none/none']) {
    for (const method of ['GET', 'HEAD', 'PUT']) {
      await ask(server, `/v2/team/app/${what}`, { method })
    }
  }
  for (const path of ['/v2/', '/v2/_catalog', '/healthz', '/readyz', '/']) {
    await ask(server, path, { method: 'HEAD' })
  }

  expect(printed).not.toHaveBeenCalled()
})
