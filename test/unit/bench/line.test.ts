import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Line, startLine } from '../../../bench/line/start-line.ts'
import { makeBytes } from '../../support/image-builder.ts'

const body = makeBytes('line', 2_000_000)
let upstream: Server
let line: Line

beforeEach(async () => {
  upstream = createServer((_, response) => {
    response.writeHead(200, { 'content-length': body.length }).end(body)
  })
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  const { port } = upstream.address() as AddressInfo
  line = await startLine(`http://127.0.0.1:${port}`)
})

afterEach(async () => {
  await line[Symbol.asyncDispose]()
  upstream.closeAllConnections()
  upstream.close()
  await once(upstream, 'close')
})

/** Seconds until all of several answers were there, each over a connection of its own. */
const pull = async (count: number): Promise<number> => {
  const startedAt = performance.now()
  const options = { headers: { connection: 'close' } }
  const pulls = Array.from({ length: count }, async () =>
    Buffer.from(await (await fetch(`${line.url}/blob`, options)).bytes()),
  )
  for (const pulled of await Promise.all(pulls)) expect(pulled.equals(body)).toBe(true)
  return (performance.now() - startedAt) / 1000
}

test('passes on what upstream sends, byte for byte, and counts it', async () => {
  await pull(3)
  const bodyBytes = 3 * body.length
  expect(await line.read()).toEqual({ connections: 3, gets: 3, heads: 0, bodyBytes })
})

test('counts a HEAD apart, and again from zero when its limits are set', async () => {
  await pull(1)
  await line.limit({})
  await fetch(`${line.url}/blob`, { method: 'HEAD', headers: { connection: 'close' } })
  expect(await line.read()).toEqual({ connections: 1, gets: 0, heads: 1, bodyBytes: 0 })
})

test('lets all connections together have no more than the line', async () => {
  await line.limit({ bytesPerSecond: 10_000_000 })
  expect(await pull(2)).toBeGreaterThanOrEqual(0.38)
})

test('lets a connection have no more than its own limit, and each the whole of it', async () => {
  await line.limit({ connectionBytesPerSecond: 4_000_000 })
  const seconds = await pull(4)
  expect(seconds).toBeGreaterThanOrEqual(0.48)
  // One after another they would take two seconds.
  expect(seconds).toBeLessThan(1.8)
})

test('answers a round trip later, and a new connection another one later', async () => {
  await line.limit({ roundTripMs: 150 })
  expect(await pull(1)).toBeGreaterThanOrEqual(0.29)
})
