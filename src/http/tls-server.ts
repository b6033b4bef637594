import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { refusePlainHttp } from './malformed-request.ts'

/** PEM texts that belong together. */
export interface TlsIdentity {
  /** The server's certificate first, then those between it and its CA. */
  readonly certPem: string
  readonly keyPem: string
}

export interface TlsSettings {
  readonly identity: TlsIdentity
  /** Made by createTicketKeys: servers that have the same ones resume each other's sessions. */
  readonly ticketKeys: Buffer
  /** Hears of a client with which no TLS connection came about. */
  readonly onRefused: (error: Error, client: string | undefined) => void
}

const handshakeMs = 10_000
/** Node's own is of the program's arguments, which differ from thread to thread. */
const sessionIdContext = 'entrepot'

/** Secret: whoever has them can read what the sessions of these servers carry. */
export function createTicketKeys(): Buffer {
  return randomBytes(48)
}

/** A server for HTTPS whose certificate can be renewed while it runs. */
export class TlsServer {
  readonly server: Server
  readonly #ticketKeys: Buffer
  #identity: TlsIdentity

  /** Throws where the certificate and the key can't be used. */
  constructor(
    { identity, ticketKeys, onRefused }: TlsSettings,
    options: ServerOptions,
    listener: RequestListener,
  ) {
    const limits = { handshakeTimeout: handshakeMs, ...options }
    this.server = createServer({ ...limits, ...contextOf(identity, ticketKeys) }, listener)
    this.#ticketKeys = ticketKeys
    this.#identity = identity
    refuseFailedHandshakes(this.server, onRefused)
  }

  /** For new connections; sessions from before it are still resumed. */
  renew(identity: TlsIdentity): void {
    const { certPem, keyPem } = this.#identity
    if (identity.certPem === certPem && identity.keyPem === keyPem) return
    this.server.setSecureContext(contextOf(identity, this.#ticketKeys))
    this.#identity = identity
  }
}

function contextOf({ certPem: cert, keyPem: key }: TlsIdentity, ticketKeys: Buffer) {
  return { cert, key, minVersion: 'TLSv1.2', ticketKeys, sessionIdContext } as const
}

/** In place of Node's own listener, which takes a failed handshake for a malformed request. */
function refuseFailedHandshakes(server: Server, onRefused: TlsSettings['onRefused']): void {
  // Where plain HTTP arrives, the answer must go out below TLS.
  const plain = new Map<string, Socket>()
  server.on('connection', (socket) => {
    const name = nameOf(socket)
    plain.set(name, socket)
    socket.once('close', () => plain.delete(name))
  })
  server.on('secureConnection', (socket) => plain.delete(nameOf(socket)))
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const below = plain.get(nameOf(socket))
    if (error.code === 'ERR_SSL_HTTP_REQUEST' && below) refusePlainHttp(below)
    socket.destroy()
    onRefused(error, socket.remoteAddress)
  })
}

function nameOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
