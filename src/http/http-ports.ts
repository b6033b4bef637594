import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { Logger } from 'pino'
import { type ThreadVitals, ThreadWatch } from '../metrics/thread-watch.ts'
import type { Tally } from '../traffic/tally.ts'
import { allBuffersBytes, BufferPool } from './buffer-pool.ts'
import { Connections } from './connections.ts'
import type { Health } from './health.ts'
import { allHotBytes } from './hot-answers.ts'
import { type Address, HttpServer } from './http-server.ts'
import { createListener } from './listener.ts'
import { TrustedProxies } from './outside.ts'
import { RequestMeter } from './request-meter.ts'
import type { Rooms } from './rooms.ts'
import type { TlsIdentity, TlsSettings } from './tls-server.ts'

/** A port that is listened on; its root may be a view of one upstream. */
export type Port = { readonly address: Address; readonly view: string | undefined }

type Settings = Rooms & {
  readonly ports: readonly Port[]
  /** How many threads of this process listen on the same ports, and share their connections. */
  readonly threadCount: number
  /** How many connections all of them may have. */
  readonly maxConnections: number
  /** Where what this thread answers is counted. */
  readonly tally: Tally
  /** CIDRs. */
  readonly trustedProxies: readonly string[]
  readonly health: Health
  readonly logger: Logger
  readonly now: () => number
  /** For HTTPS in place of HTTP. */
  readonly tls: TlsSettings | undefined
}

/**
 * Rejects if another program listens on one of the addresses already: a port that is to be shared among
 * threads would be shared with that one too, as with a second server started by mistake.
 */
export async function refuseTaken(ports: readonly Port[]): Promise<void> {
  const probes: Server[] = []
  try {
    // All open together: they mustn't take one another's connections either.
    for (const { address } of ports) {
      const probe = createServer()
      probes.push(probe)
      await once(probe.listen({ ...address, exclusive: true }), 'listening')
    }
  } finally {
    await Promise.all(probes.map((probe) => probe[Symbol.asyncDispose]()))
  }
}

type Parts = {
  readonly ports: readonly Port[]
  readonly proxies: TrustedProxies
  readonly connections: Connections
}

/** All ports of one thread. */
export class HttpPorts {
  readonly #servers: readonly HttpServer[]
  readonly #ports: readonly Port[]
  readonly #proxies: TrustedProxies
  readonly #connections: Connections
  readonly #watch = new ThreadWatch()

  private constructor(servers: readonly HttpServer[], { ports, proxies, connections }: Parts) {
    this.#servers = servers
    this.#ports = ports
    this.#proxies = proxies
    this.#connections = connections
  }

  /** Rejects if an address can't be listened on; then none is. */
  static async listen(settings: Settings): Promise<HttpPorts> {
    const { ports, threadCount, maxConnections, tls, trustedProxies, logger, tally, ...others } =
      settings
    const servers: HttpServer[] = []
    const proxies = new TrustedProxies(trustedProxies)
    const meter = new RequestMeter(tally)
    const isShared = threadCount > 1
    const buffers = new BufferPool(allBuffersBytes / threadCount)
    const connections = new Connections(Math.ceil(maxConnections / threadCount))
    const onError = (err: Error) => logger.warn({ err }, 'a connection was not accepted')
    const hotBytes = Math.floor(allHotBytes / threadCount / ports.length)
    try {
      for (const { address, view } of ports) {
        const listener = createListener({
          ...others,
          logger,
          meter,
          proxies,
          view,
          buffers,
          hotBytes,
        })
        const listening = { address, isShared, connections, tls, onError }
        servers.push(await HttpServer.listen(listener, listening))
      }
    } catch (error) {
      await Promise.all(servers.map((server) => server.stop(0)))
      throw error
    }
    return new HttpPorts(servers, { ports, proxies, connections })
  }

  /** As they are listened on: where port 0 was asked for, with the one that it became. */
  get ports(): readonly Port[] {
    return this.#ports.map(({ view }, index) => {
      const server = this.#servers[index]
      if (!server) throw new Error('a port has no server')
      return { address: server.address, view }
    })
  }

  /** How the thread does that this runs in, and how many connections it has. */
  describe(): ThreadVitals {
    return this.#watch.describe(this.#connections.count)
  }

  /** Serves new connections with this; servers for plain HTTP stay so. */
  renewTls(identity: TlsIdentity): void {
    for (const server of this.#servers) server.renewTls(identity)
  }

  /** Believes these proxies from now on, CIDRs, and no others. */
  trustProxies(trustedProxies: readonly string[]): void {
    this.#proxies.configure(trustedProxies)
  }

  /** Takes no new connection, lets what runs come to its end for `graceMs`, then ends it. */
  async stop(graceMs: number): Promise<void> {
    this.#watch.close()
    await Promise.all(this.#servers.map((server) => server.stop(graceMs)))
  }
}
