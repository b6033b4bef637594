import type { Logger } from 'pino'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import { HttpServer } from './http/http-server.ts'
import { createListener } from './http/listener.ts'
import { Mirror } from './mirror/mirror.ts'
import { tellOfFaults, tellOfHandshakes, tellOfOutages } from './notices.ts'
import { openStores, type Stores } from './store/open-stores.ts'

/** Running pulls get this long when the server stops. */
const graceMs = 20_000

/** Puts the rooms together: everything that runs belongs to this, and ends with it. */
export class EntrepotServer {
  readonly #stores: Stores
  readonly #mirror: Mirror
  readonly #servers: readonly HttpServer[]
  readonly #stopping: { is: boolean }

  private constructor(parts: {
    stores: Stores
    mirror: Mirror
    servers: readonly HttpServer[]
    stopping: { is: boolean }
  }) {
    this.#stores = parts.stores
    this.#mirror = parts.mirror
    this.#servers = parts.servers
    this.#stopping = parts.stopping
  }

  /** Rejects if the data folder can't be opened or an address can't be listened on; nothing is left open then. */
  static async start(
    config: Config,
    logger: Logger,
    clock: Clock = systemClock,
  ): Promise<EntrepotServer> {
    const onError = (err: unknown, what: string) => logger.warn({ err }, what)
    const stores = await openStores(config.data, { onError, ...tellOfFaults(logger) })
    const outages = tellOfOutages(logger)
    const mirror = await openMirror({ stores, config, clock, onError, outages })
    const stopping = { is: false }
    const health = {
      findFault: async () => (stopping.is ? 'the server is stopping' : stores.health.check()),
    }
    const servers: HttpServer[] = []
    try {
      for (const { address, view } of ports(config)) {
        const { now } = clock
        const listener = createListener({ mirror, view, health, logger, now })
        const onRefused = (error: Error) => onError(error, 'a connection was not accepted')
        const tls = config.tls && { identity: config.tls, onRefused: tellOfHandshakes(logger) }
        servers.push(await HttpServer.listen(listener, { address, onError: onRefused, tls }))
      }
    } catch (error) {
      await Promise.all(servers.map((server) => server.stop(0)))
      await mirror.close()
      await stores.close()
      throw error
    }
    return new EntrepotServer({ stores, mirror, servers, stopping })
  }

  /** Where it listens; with port 0 in the configuration, the port that it got. */
  get address(): { readonly host: string; readonly port: number } {
    const [first] = this.#servers
    if (!first) throw new Error('the server listens nowhere')
    return first.address
  }

  /** Takes up what can change while it runs. */
  configure(config: Config): void {
    this.#mirror.configure(config)
    for (const server of this.#servers) if (config.tls) server.renewTls(config.tls)
  }

  /** Lets running pulls end, breaks off fetches that nobody waits for, and writes what is gathered. */
  async stop(): Promise<void> {
    this.#stopping.is = true
    await Promise.all(this.#servers.map((server) => server.stop(graceMs)))
    await this.#mirror.close()
    await this.#stores.close()
  }
}

/** Closes the stores again if the mirror can't be opened. */
async function openMirror(settings: Parameters<typeof Mirror.open>[0]): Promise<Mirror> {
  try {
    return await Mirror.open(settings)
  } catch (error) {
    await settings.stores.close()
    throw error
  }
}

function ports({ listen, dockerListen, defaultUpstream }: Config) {
  const main = { address: listen, view: undefined }
  return dockerListen ? [main, { address: dockerListen, view: defaultUpstream }] : [main]
}
