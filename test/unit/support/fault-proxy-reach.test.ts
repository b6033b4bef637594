import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { closed } from './plain-server.ts'
import { bytes, startLine, startTalk } from './proxied-line.ts'

describe('a server that is out of reach', () => {
  test('refuses new connections and resets open ones, until all passes again', async () => {
    const { proxy, client, open, server } = await startTalk()
    const { port } = proxy
    await proxy.refuse()

    expect(await client.ended).toBe('ECONNRESET')
    expect(await open().ended).toBe('ECONNREFUSED')
    expect(proxy.connections).toBe(1)

    await proxy.pass()
    expect(proxy.port).toBe(port)
    await open().received(1)
    expect(server.sockets).toHaveLength(2)
  })

  test('resets new connections and open ones', async () => {
    const { proxy, client, open, server } = await startTalk()
    await proxy.reset()

    expect(await client.ended).toBe('ECONNRESET')
    expect(await open().ended).toBe('ECONNRESET')
    expect(proxy.connections).toBe(2)
    expect(server.sockets).toHaveLength(1)
  })

  test('resets a client that takes nothing', async () => {
    const { proxy, open, server } = await startLine((socket) => {
      socket.write(Buffer.alloc(32 * 1024 * 1024))
    })
    const client = open()
    client.socket.pause()
    await vi.waitFor(() => expect(proxy.bytesToClient).toBeGreaterThan(0))

    await proxy.reset()

    await closed(server.sockets[0] as Socket)
    expect(proxy.openConnections).toBe(0)
  })

  test('swallows what it is sent and answers nothing', async () => {
    const { proxy, client, open, server, say } = await startTalk()
    await proxy.swallow()

    const swallowed = open()
    swallowed.socket.write(bytes)
    say(bytes)
    await once(swallowed.socket, 'drain')
    await vi.waitFor(() => expect(proxy.openConnections).toBe(2))
    expect(server.sockets).toHaveLength(1)
    expect([client.bytes.length, swallowed.bytes.length]).toEqual([1, 0])

    swallowed.socket.end()
    await vi.waitFor(() => expect(proxy.openConnections).toBe(1))
    await proxy.pass()
    await client.received(1 + bytes.length)
  })
})

test('stopping ends every connection on both sides, and no timer is left', async () => {
  const countTimers = () =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const { proxy, open, server } = await startLine()
  await proxy.limit(1000)
  const before = countTimers()
  const client = open()
  await client.received(50)
  expect(countTimers()).toBe(before + 1)

  await proxy.stop()

  expect(await client.ended).toMatch(/fin|ECONNRESET/)
  await closed(server.sockets[0] as Socket)
  expect(countTimers()).toBe(before)
  expect(await open().ended).toBe('ECONNREFUSED')
})
