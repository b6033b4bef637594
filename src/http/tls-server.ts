import { constants, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { refusePlainHttp } from './malformed-request.ts'

/** Who the server is, and from whom it takes certificates. */
export interface TlsIdentity {
  /** The server's certificate first, then those between it and its CA. */
  readonly certPem: string
  readonly keyPem: string
  /** Certificates of CAs. Clients are asked for a certificate of one of them, if there is any. */
  readonly clientCaPem: string | undefined
  /** As it is when the server begins; `required` refuses who has none in the handshake. */
  readonly clientCertificates: 'optional' | 'required'
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
    const context = contextOf(identity, ticketKeys)
    this.server = createServer({ ...limits, ...context, ...askingFor(identity) }, listener)
    this.#ticketKeys = ticketKeys
    this.#identity = identity
    refuseFailedHandshakes(this.server, onRefused)
  }

  /**
   * For new connections. Sessions from before are still resumed, unless the CA of clients' certificates is another:
   * then each shows its certificate again.
   */
  renew(identity: TlsIdentity): void {
    const { certPem, keyPem, clientCaPem } = this.#identity
    const isSame = identity.certPem === certPem && identity.keyPem === keyPem
    if (isSame && identity.clientCaPem === clientCaPem) return
    this.server.setSecureContext(contextOf(identity, this.#ticketKeys))
    this.#identity = identity
  }
}

function contextOf({ certPem, keyPem, clientCaPem }: TlsIdentity, ticketKeys: Buffer) {
  return {
    ...(clientCaPem === undefined ? {} : { ca: clientCaPem }),
    cert: certPem,
    key: keyPem,
    minVersion: 'TLSv1.2',
    ticketKeys: ticketKeysFor(clientCaPem, ticketKeys),
    sessionIdContext,
    // In TLS 1.2 a client could show another certificate in the middle of a connection, which Node checks but once;
    // and each time costs the server far more than the client.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } as const
}

function askingFor({ clientCaPem, clientCertificates }: TlsIdentity) {
  const requestCert = clientCaPem !== undefined
  return { requestCert, rejectUnauthorized: requestCert && clientCertificates === 'required' }
}

/** A session carries the client's certificate as it was checked; with another CA it can't be read any more. */
function ticketKeysFor(clientCaPem: string | undefined, ticketKeys: Buffer): Buffer {
  if (clientCaPem === undefined) return ticketKeys
  const info = createHash('sha256').update(clientCaPem).digest()
  return Buffer.from(hkdfSync('sha256', ticketKeys, '', info, ticketKeys.length))
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
    onRefused(withReason(error, socket), socket.remoteAddress)
  })
}

/** Node closes the connection of a client whose certificate isn't valid, and calls it hung up. */
function withReason(cause: Error, { authorizationError }: TLSSocket): Error {
  if (!authorizationError) return cause
  return new Error(`the client certificate is refused (${authorizationError})`, { cause })
}

function nameOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
