import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { RawConnection } from '../../../bench/raw-connection.ts'

type Answer = (socket: Socket, count: number) => unknown

const closing: (() => unknown)[] = []
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789'

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe('an answer', () => {
  test('is counted whole however its bytes are cut, and asked for again', async () => {
    const port = await startServer(async (socket, count) => {
      if (count > 2) return
      for (const byte of answer) {
        socket.write(byte)
        await setImmediate()
      }
    })
    const { counters } = connect(port)
    await vi.waitFor(() => expect(counters).toEqual({ begun: 2, requests: 2, bytes: 20 }))
  })

  test('without a body is whole with its head', async () => {
    const port = await startServer((socket, count) => {
      if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    const { counters } = connect(port)
    await vi.waitFor(() => expect(counters).toEqual({ begun: 1, requests: 1, bytes: 0 }))
  })

  test.each([
    ['of another status', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', '404 Not Found'],
    ['without a length', 'HTTP/1.1 200 OK\r\nServer: it\r\n\r\n', 'no Content-Length'],
    ['whose head has no end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}`, 'has no end'],
  ])('%s is an error', async (_, text, message) => {
    const port = await startServer((socket) => socket.write(text))
    expect((await connect(port).failed).message).toContain(message)
  })

  test('that is cut short is an error', async () => {
    const port = await startServer((socket) => socket.end(answer.slice(0, -1)))
    const { failed, counters } = connect(port)
    expect((await failed).message).toContain('closed the connection')
    expect(counters.requests).toBe(0)
  })
})

test('a client that reads slowly has its first piece, when another has long read everything', async () => {
  const body = Buffer.alloc(64 << 20)
  const port = await startServer((socket, count) => {
    if (count > 1) return
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
  })
  const slow = connect(port, 1000)
  await vi.waitFor(() => expect(slow.counters.begun).toBe(1))
  const other = connect(port)
  await vi.waitFor(() => expect(other.counters.requests).toBe(1), 10_000)
  expect(slow.counters.bytes).toBeLessThanOrEqual(1 << 16)
})

/** Answers each request of a connection; the count begins at 1 for each. */
async function startServer(respond: Answer): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    let count = 0
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => respond(socket, ++count))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

function connect(port: number, bytesPerSecond?: number) {
  const counters = { begun: 0, requests: 0, bytes: 0 }
  const failure = Promise.withResolvers<Error>()
  const nextRequest = () => 'GET / HTTP/1.1\r\n\r\n'
  const buffer = Buffer.alloc(1 << 16)
  const settings = { host: '127.0.0.1', port, nextRequest, buffer, bytesPerSecond }
  const connection = new RawConnection({ ...settings, counters, onError: failure.resolve })
  closing.push(() => connection.close())
  return { counters, failed: failure.promise }
}
