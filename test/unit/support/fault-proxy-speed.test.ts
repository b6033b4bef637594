import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { bytes, startEcho, startLine } from './proxied-line.ts'

describe('a slow line', () => {
  test('trickles in small pieces', async () => {
    const { proxy, open } = await startLine()
    await proxy.trickle(1000)

    const client = open()
    const startedAt = performance.now()
    await client.received(200)

    expect(performance.now() - startedAt).toBeGreaterThan(80)
    expect(Math.max(...client.chunks.map(({ length }) => length))).toBeLessThanOrEqual(110)
    expect(client.chunks.length).toBeGreaterThan(3)
    await proxy.pass()
    expect(await client.ended).toBe('fin')
    expect(client.bytes.equals(bytes)).toBe(true)
  })

  test('has a limit for each connection', async () => {
    const { proxy, open } = await startLine()
    await proxy.limit(400_000)

    const startedAt = performance.now()
    const clients = [open(), open(), open(), open()]
    await Promise.all(clients.map(({ ended }) => ended))

    const tookMs = performance.now() - startedAt
    expect(tookMs).toBeGreaterThan(140)
    expect(tookMs).toBeLessThan(800)
    for (const client of clients) expect(client.bytes.equals(bytes)).toBe(true)
  })

  test('slows the server behind it', async () => {
    const plenty = Buffer.alloc(32 * 1024 * 1024)
    const { proxy, open, server } = await startLine((socket) => void socket.write(plenty))
    await proxy.limit(1_000_000)

    await open().received(100_000)

    expect((server.sockets[0] as Socket).writableLength).toBe(plenty.length)
    expect(proxy.bytesToClient).toBeLessThan(1_000_000)
  })

  test('waits before the first byte of each direction, and no longer', async () => {
    const { proxy, open } = await startEcho()
    await proxy.delay(100)

    const client = open()
    const startedAt = performance.now()
    client.socket.write('a')
    await client.received(1)
    const firstMs = performance.now() - startedAt
    client.socket.write('b')
    await client.received(2)

    expect(firstMs).toBeGreaterThanOrEqual(199)
    expect(performance.now() - startedAt - firstMs).toBeLessThan(100)
  })

  test('can be cut as well', async () => {
    const { proxy, open } = await startLine()
    await proxy.apply({ pace: { bytesPerSecond: 500_000, stepMs: 10 }, cutAfterBytes: 50_000 })

    const client = open()

    expect(await client.ended).toBe('ECONNRESET')
    expect(client.bytes).toHaveLength(50_000)
  })
})
