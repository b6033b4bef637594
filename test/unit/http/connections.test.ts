import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Connections } from '../../../src/http/connections.ts'
import { makeCertificates } from '../../support/lab/certificates.ts'
import { connectSecurely } from '../../support/secure-client.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

/** At /held a request waits until the test answers it. */
const start = async (max: number, create: (answer: RequestListener) => Server = createServer) => {
  const held: ServerResponse[] = []
  const server = create((incoming, outgoing) => {
    if (incoming.url === '/held') held.push(outgoing)
    else outgoing.end('hello')
  })
  new Connections(max).watch(server)
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const open = async (localAddress = '127.0.0.1'): Promise<Client> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    onTestFinished(() => void socket.destroy())
    const client = new Client(socket)
    await once(socket, 'connect')
    return client
  }
  return { open, held, server, port }
}

class Client {
  readonly #socket: Socket
  isOpen = true

  constructor(socket: Socket) {
    this.#socket = socket
    socket
      .on('error', () => {})
      .once('close', () => {
        this.isOpen = false
      })
    socket.resume()
  }

  async ask(): Promise<void> {
    this.#socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await once(this.#socket, 'data')
  }

  send(text: string): void {
    this.#socket.write(text)
  }
}

const heldRequest = 'GET /held HTTP/1.1\r\nHost: h\r\n\r\n'
const openOnes = (clients: readonly Client[]) => clients.map(({ isOpen }) => isOpen)
const expectOpen = (clients: readonly Client[], wanted: readonly boolean[]) =>
  vi.waitFor(() => expect(openOnes(clients)).toEqual(wanted), 2000)

test('a client with its share gets another in place of the one that waits longest', async () => {
  const { open } = await start(6)
  const clients = [await open(), await open(), await open()]
  await clients[0]?.ask()
  clients.push(await open())
  await expectOpen(clients, [true, false, true, true])
  await clients[3]?.ask()
})

test('those that are answering are left alone, and a new one is refused', async () => {
  const { open, held } = await start(4)
  const clients = [await open(), await open()]
  for (const client of clients) client.send(heldRequest)
  await vi.waitFor(() => expect(held.length).toBe(2), 2000)
  clients.push(await open())
  await expectOpen(clients, [true, true, false])
  held[0]?.end()
  await vi.waitFor(() => expect(held[0]?.closed).toBe(true), 2000)
  clients.push(await open())
  await expectOpen(clients, [false, true, false, true])
})

test('others find room beside a client with its share', async () => {
  const { open } = await start(6)
  const greedy = [await open(), await open(), await open(), await open(), await open()]
  const other = await open('127.0.0.2')
  await other.ask()
  await expectOpen([...greedy, other], [false, false, true, true, true, true])
})

test('one that is closed makes room', async () => {
  const { open, server } = await start(4)
  for (let count = 0; count < 6; count++) {
    const client = await open()
    await client.ask()
    client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    await expectOpen([client], [false])
  }
  const clients = [await open(), await open()]
  for (const client of clients) await client.ask()
  expect(openOnes(clients)).toEqual([true, true])
  const count = await new Promise((resolve) =>
    server.getConnections((_, connections) => resolve(connections)),
  )
  expect(count).toBe(2)
})

test('over TLS a connection that is answering is left alone, too', async () => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const { ca, ...identity } = await makeCertificates(directory.path)
  const { open, held, port } = await start(6, (answer) => createSecureServer(identity, answer))
  const secure = await connectSecurely({ port }, { ca })
  onTestFinished(() => void secure.destroy())
  const client = new Client(secure)
  client.send(heldRequest)
  await vi.waitFor(() => expect(held.length).toBe(1), 2000)
  const others = [await open(), await open(), await open()]
  await expectOpen([client, ...others], [true, false, true, true])
})

test('a client that asks for hundreds of things before it has an answer is cut off', async () => {
  const { open } = await start(4)
  const client = await open()
  client.send(heldRequest.repeat(500))
  await expectOpen([client], [false])
})
