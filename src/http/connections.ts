import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { FairShares } from '../fair-shares.ts'
import { clientKey } from './client-key.ts'

type Connection = {
  readonly client: string
  readonly name: string
  /** As it was accepted, below TLS. */
  readonly socket: Socket
  /** Under way. */
  requests: number
  /** That it has taken: one, and one for each further request that doesn't wait for an answer. */
  places: number
  isOpen: boolean
}

/** For what is left of a body that its answer didn't wait for: see unread-body. */
const unreadBodyMs = 30_000

/**
 * The connections of one thread, and the requests on them. A client that has its share of them gets another only in place of
 * that one of its own which has been without a request for longest: others always find room.
 */
export class Connections {
  readonly #shares: FairShares
  /** Without a request, by client; the one that has waited longest comes first. */
  readonly #waiting = new Map<string, Set<Connection>>()
  readonly #byName = new Map<string, Connection>()
  readonly #bySocket = new WeakMap<Socket, Connection>()

  #refusedCount = 0

  constructor(max: number) {
    this.#shares = new FairShares(max)
  }

  /** Those that are open, and how many were closed because their client, or all together, had too many. */
  get count(): { readonly open: number; readonly refused: number } {
    return { open: this.#byName.size, refused: this.#refusedCount }
  }

  /** Counts those of this server from now on. */
  watch(server: Server): void {
    const note = (incoming: IncomingMessage, outgoing: ServerResponse) =>
      this.#noteRequest(incoming, outgoing)
    server.on('connection', (socket: Socket) => this.#add(socket))
    server.prependListener('request', note).prependListener('checkExpectation', note)
  }

  #add(socket: Socket): void {
    const client = clientKey(socket.remoteAddress)
    if (!this.#shares.hasRoom(client) && !this.#closeOneOf(client)) return void this.#refuse(socket)
    const begun = { requests: 0, places: 0, isOpen: true }
    const connection = { client, name: nameOf(socket), socket, ...begun }
    this.#byName.set(connection.name, connection)
    this.#takePlace(connection)
    this.#wait(connection)
    socket.once('close', () => this.#forget(connection))
  }

  /** False where all of them are answering requests. */
  #closeOneOf(client: string): boolean {
    const [longest] = this.#waiting.get(client) ?? []
    if (!longest) return false
    this.#forget(longest)
    longest.socket.destroy()
    return true
  }

  #forget(connection: Connection): void {
    if (!connection.isOpen) return
    connection.isOpen = false
    while (connection.places > 0) this.#givePlaceBack(connection)
    this.#stopWaiting(connection)
    this.#byName.delete(connection.name)
  }

  #takePlace(connection: Connection): void {
    connection.places++
    this.#shares.take(connection.client)
  }

  #givePlaceBack(connection: Connection): void {
    connection.places--
    this.#shares.giveBack(connection.client)
  }

  #wait(connection: Connection): void {
    const { client } = connection
    const waiting = this.#waiting.get(client) ?? new Set()
    this.#waiting.set(client, waiting.add(connection))
  }

  #stopWaiting(connection: Connection): void {
    const { client } = connection
    const waiting = this.#waiting.get(client)
    waiting?.delete(connection)
    if (waiting?.size === 0) this.#waiting.delete(client)
  }

  #noteRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const connection = this.#find(incoming.socket)
    if (!connection?.isOpen) return
    if (connection.requests === 0) this.#stopWaiting(connection)
    connection.requests++
    if (connection.requests > connection.places) this.#crowd(connection)
    outgoing.once('close', () => {
      connection.requests--
      if (connection.isOpen) this.#noteAnswer(connection, incoming)
    })
  }

  /** A client that asks for a thousand things at once, without waiting for an answer, takes as many places. */
  #crowd(connection: Connection): void {
    if (this.#shares.hasRoom(connection.client)) {
      this.#takePlace(connection)
      return
    }
    this.#forget(connection)
    this.#refuse(connection.socket)
  }

  #refuse(socket: Socket): void {
    this.#refusedCount++
    socket.destroy()
  }

  #noteAnswer(connection: Connection, incoming: IncomingMessage): void {
    if (connection.places > Math.max(1, connection.requests)) this.#givePlaceBack(connection)
    if (connection.requests === 0) this.#wait(connection)
    if (!incoming.complete) endUnlessRead(incoming)
  }

  /** Over TLS the request comes by another socket than was accepted. */
  #find(socket: Socket): Connection | undefined {
    const known = this.#bySocket.get(socket)
    if (known) return known
    const connection = this.#byName.get(nameOf(socket))
    if (connection) this.#bySocket.set(socket, connection)
    return connection
  }
}

/** Its answer has gone out, and nobody waits for the rest of it. */
function endUnlessRead(incoming: IncomingMessage): void {
  const timer = setTimeout(() => incoming.destroy(), unreadBodyMs).unref()
  incoming.once('close', () => clearTimeout(timer))
}

function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`
}
