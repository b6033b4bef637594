import type { Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { startProxy } from '../../support/start-proxy.ts'
import { closed, PlainClient } from './plain-server.ts'
import { bytes, startLine, startTalk } from './proxied-line.ts'

describe('without a fault', () => {
  test('bytes pass both ways, are counted, and an end is passed on', async () => {
    const { server, proxy, open } = await startLine()

    const client = open()
    client.socket.write('hello')

    expect(await client.ended).toBe('fin')
    expect(client.bytes.equals(bytes)).toBe(true)
    expect(proxy.bytesToClient).toBe(bytes.length)
    expect(server.received()).toBe('hello')
    expect(proxy.connections).toBe(1)
    await vi.waitFor(() => expect(proxy.openConnections).toBe(0))
  })

  test('a client that hangs up is gone for the server', async () => {
    const { client, socket, proxy } = await startTalk()

    client.socket.destroy()

    await closed(socket)
    expect(proxy.openConnections).toBe(0)
  })

  test('a reset of the server is a reset for the client', async () => {
    const { client, socket } = await startTalk()

    socket.resetAndDestroy()

    expect(await client.ended).toBe('ECONNRESET')
  })

  test('a client is reset where there is no server', async () => {
    const proxy = await startProxy({ port: 1 })

    expect(await new PlainClient(proxy.port).ended).toBe('ECONNRESET')
  })

  test('a client that takes nothing holds up the server', async () => {
    const plenty = Buffer.alloc(32 * 1024 * 1024)
    const { open, server, proxy } = await startLine((socket) => void socket.write(plenty))

    const client = open()
    client.socket.pause()
    await vi.waitFor(() => expect(proxy.bytesToClient).toBeGreaterThan(0))
    const { writableLength } = server.sockets[0] as Socket
    expect(writableLength).toBe(plenty.length)

    client.socket.resume()
    await client.received(plenty.length)
  })
})

describe('cutAfter', () => {
  test.each([
    { cutBy: 'reset', end: 'ECONNRESET' },
    { cutBy: 'fin', end: 'fin' },
  ] as const)('ends each connection by $cutBy after so many bytes', async ({ cutBy, end }) => {
    const { proxy, open } = await startLine()
    await proxy.cutAfter(30_000, cutBy)

    for (const _ of [1, 2]) {
      const client = open()
      expect(await client.ended).toBe(end)
      expect(client.bytes.equals(bytes.subarray(0, 30_000))).toBe(true)
    }
    expect(proxy.bytesToClient).toBe(60_000)
    await vi.waitFor(() => expect(proxy.openConnections).toBe(0))
  })

  test('counts from now on where a connection is open', async () => {
    const { client, proxy, say } = await startTalk()
    await proxy.cutAfter(10)

    say(bytes)

    expect(await client.ended).toBe('ECONNRESET')
    expect(client.bytes).toHaveLength(11)
  })

  test('at the last byte the end is missing all the same', async () => {
    const { proxy, open } = await startLine()
    await proxy.cutAfter(bytes.length)

    const client = open()

    expect(await client.ended).toBe('ECONNRESET')
    expect(client.bytes).toHaveLength(bytes.length)
  })

  test('of nothing cuts when the server answers', async () => {
    const { proxy, open } = await startLine()
    await proxy.cutAfter(0, 'fin')

    const client = open()

    expect(await client.ended).toBe('fin')
    expect(client.bytes).toHaveLength(0)
  })
})

describe('stallAfter', () => {
  test('stops the bytes and keeps the connection, until all passes again', async () => {
    const { proxy, open } = await startLine()
    await proxy.stallAfter(40_000)

    const client = open()
    await client.received(40_000)
    await open().received(40_000)
    expect(client.bytes).toHaveLength(40_000)
    expect(proxy.openConnections).toBe(2)

    await proxy.pass()
    expect(await client.ended).toBe('fin')
    expect(client.bytes.equals(bytes)).toBe(true)
  })

  test('at the last byte holds back the end', async () => {
    const { proxy, open, server } = await startLine()
    await proxy.stallAfter(bytes.length)

    const client = open()
    await client.received(bytes.length)
    await vi.waitFor(() => expect(server.sockets[0]?.writableFinished).toBe(true))
    client.socket.write('heard after the end')
    await vi.waitFor(() => expect(server.received()).not.toBe(''))
    expect(client.socket.readableEnded).toBe(false)

    await proxy.pass()
    expect(await client.ended).toBe('fin')
  })

  test('lets the server know of a client that leaves', async () => {
    const { proxy, open, server } = await startLine((socket) => void socket.write(bytes))
    await proxy.stallAfter(10)
    const client = open()
    await client.received(10)

    client.socket.destroy()

    await closed(server.sockets[0] as Socket)
    await vi.waitFor(() => expect(proxy.openConnections).toBe(0))
  })
})
