import type { Socket } from 'node:net'
import { makeBytes } from '../../support/image-builder.ts'
import { startProxy } from '../../support/start-proxy.ts'
import { PlainClient, startPlainServer } from './plain-server.ts'

/** What the server sends where a test doesn't say. */
export const bytes = makeBytes('line', 100_000)

const sendAll = (socket: Socket) => void socket.end(bytes)

/** A server, a proxy before it, and clients of that. */
export const startLine = async (greet: (socket: Socket) => void = sendAll) => {
  const server = await startPlainServer(greet)
  const proxy = await startProxy(server)
  return { server, proxy, open: () => new PlainClient(proxy.port) }
}

/** A server that answers each thing it gets with the same bytes, and leaves the line open. */
export const startEcho = () =>
  startLine((socket) => socket.on('data', (chunk) => socket.write(chunk)))

/** The server sends a greeting of one byte, and then nothing until the test says so. */
export const startTalk = async () => {
  const line = await startLine((socket) => void socket.write('.'))
  const client = line.open()
  await client.received(1)
  const [socket] = line.server.sockets as [Socket]
  return { ...line, client, say: (said: Buffer) => void socket.write(said), socket }
}
