import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refuseInvalidCertificates } from './client-certificate.ts'
import type { Connections } from './connections.ts'
import { refuseBytes } from './malformed-request.ts'
import { type TlsIdentity, TlsServer, type TlsSettings } from './tls-server.ts'

export type Address = { readonly host: string; readonly port: number }

type Settings = {
  readonly address: Address
  /** Hears of a connection that couldn't be accepted, as when no file descriptor is left. */
  readonly onError: (error: Error) => void
  /** Whether other threads of this process listen on the same address (SO_REUSEPORT). */
  readonly isShared: boolean
  /** Which it counts its own among. */
  readonly connections: Connections
  /** For HTTPS in place of HTTP. */
  readonly tls?: TlsSettings | undefined
}

/** A client that takes no byte for so long is gone; podman may pause for minutes while it unpacks. */
const stalledAfterMs = 10 * 60_000
const keepAliveMs = 75_000
/** From the first byte of a request, or from the connection's beginning, to the end of its headers. */
const headersMs = 30_000
const headersCheckMs = 5_000
const maxHeaderBytes = 32 * 1024
const idleCheckMs = 100

const options: ServerOptions = {
  keepAliveTimeout: keepAliveMs,
  headersTimeout: headersMs,
  connectionsCheckingInterval: headersCheckMs,
  // A push may take hours on a slow line; one that stalls ends all the same: see BodyPace.
  requestTimeout: 0,
  maxHeaderSize: maxHeaderBytes,
  requireHostHeader: false,
}

/** One listening port. */
export class HttpServer {
  readonly #server: Server
  readonly #tls: TlsServer | undefined

  private constructor(server: Server, tls: TlsServer | undefined) {
    this.#server = server
    this.#tls = tls
  }

  /** Rejects if the address can't be listened on. */
  static async listen(answer: RequestListener, settings: Settings): Promise<HttpServer> {
    const { address, isShared, onError, connections } = settings
    const listener = admitted(answer, settings.tls)
    const tls = settings.tls && new TlsServer(settings.tls, options, listener)
    const server = tls?.server ?? createServer(options, listener)
    server.on('clientError', refuseBytes).on('checkExpectation', listener)
    server.timeout = stalledAfterMs
    connections.watch(server)
    server.listen({ ...address, reusePort: isShared })
    await once(server, 'listening')
    server.on('error', onError)
    return new HttpServer(server, tls)
  }

  get address(): Address {
    const { address, port } = this.#server.address() as AddressInfo
    return { host: address, port }
  }

  /** Serves new connections with this; a server for plain HTTP stays one. */
  renewTls(identity: TlsIdentity): void {
    this.#tls?.renew(identity)
  }

  /** Takes no new connection, lets what runs come to its end for `graceMs`, then ends it. */
  async stop(graceMs: number): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    const idle = setInterval(() => this.#server.closeIdleConnections(), idleCheckMs)
    const end = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    await closed
    clearInterval(idle)
    clearTimeout(end)
  }
}

function admitted(answer: RequestListener, tls: TlsSettings | undefined): RequestListener {
  if (tls?.identity.clientCaPem === undefined) return answer
  return refuseInvalidCertificates(answer, tls.onRefused)
}
