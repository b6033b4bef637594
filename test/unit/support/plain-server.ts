import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface PlainServer {
  readonly port: number
  /** Its ends of the connections it accepted, in order. */
  readonly sockets: readonly Socket[]
  /** Bytes it received on all of them. */
  readonly received: () => string
}

/** A TCP server that does `greet` on every connection; it ends with the test. */
export const startPlainServer = async (
  greet: (socket: Socket) => void = () => {},
): Promise<PlainServer> => {
  const sockets: Socket[] = []
  let received = ''
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.on('data', (chunk) => {
      received += chunk.toString()
    })
    greet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, received: () => received }
}

/** A client's end of a connection, and what has come of it. */
export class PlainClient {
  readonly socket: Socket
  readonly chunks: Buffer[] = []
  /** How the connection ended: `fin`, or the code of its error. */
  readonly ended: Promise<string>
  #receivedBytes = 0

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' })
    this.socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk)
      this.#receivedBytes += chunk.length
    })
    this.ended = new Promise((resolve) => {
      this.socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      this.socket.on('end', () => resolve('fin'))
    })
    onTestFinished(() => void this.socket.destroy())
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Resolves once so many bytes have come. */
  async received(bytes: number): Promise<void> {
    while (this.#receivedBytes < bytes) await once(this.socket, 'data')
  }
}

/** Resolves when the connection is closed, be it by an error. */
export const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed)
    await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
}
