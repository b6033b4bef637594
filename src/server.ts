import type { Logger } from 'pino'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import { HttpPorts, refuseTaken } from './http/http-ports.ts'
import { Mirror } from './mirror/mirror.ts'
import { tellOfFaults, tellOfHandshakes, tellOfOutages } from './notices.ts'
import { openStores, type Stores } from './store/open-stores.ts'
import { MirrorHost } from './threads/mirror-host.ts'
import { ServingThreads } from './threads/serving-threads.ts'
import { countThreads } from './threads/thread-count.ts'

/** Running pulls get this long when the server stops. */
const graceMs = 20_000

type Parts = {
  readonly stores: Stores
  readonly mirror: Mirror
  readonly http: HttpPorts
  readonly threads: ServingThreads | undefined
  readonly stopping: { is: boolean }
}

/** Puts the rooms together: everything that runs belongs to this, and ends with it. */
export class EntrepotServer {
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
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
    let threads: ServingThreads | undefined
    const onRevoked = (key: string) => threads?.revoke(key)
    const mirror = await openMirror({ stores, config, clock, onError, onRevoked, outages })
    const stopping = { is: false }
    const findFault = async () => (stopping.is ? 'the server is stopping' : stores.health.check())
    const threadCount = countThreads(config.threads)
    const tls = config.tls && { identity: config.tls, onRefused: tellOfHandshakes(logger) }
    try {
      const { now } = clock
      const serving = { threadCount, mirror, health: { findFault }, logger, now, tls }
      if (threadCount > 1) for (const port of portsOf(config)) await refuseTaken(port)
      const http = await HttpPorts.listen({ ports: portsOf(config), ...serving })
      if (threadCount > 1) {
        const onUnreadable = mirror.noteUnreadable.bind(mirror)
        const onListening = () => logger.debug('a serving thread listens')
        const callbacks = { onListening, onUnreadable, onError }
        const createHost = () => new MirrorHost({ mirror, findFault, ...callbacks })
        const { ports } = http
        threads = new ServingThreads({ threadCount, config, ports, createHost, logger })
      }
      return new EntrepotServer({ stores, mirror, http, threads, stopping })
    } catch (error) {
      await mirror.close()
      await stores.close()
      throw error
    }
  }

  /** Where it listens; with port 0 in the configuration, the port that it got. */
  get address(): { readonly host: string; readonly port: number } {
    const [first] = this.#parts.http.ports
    if (!first) throw new Error('the server listens nowhere')
    return first.address
  }

  /** Takes up what can change while it runs. */
  configure(config: Config): void {
    const { mirror, http, threads } = this.#parts
    mirror.configure(config)
    threads?.configure(config)
    if (config.tls) http.renewTls(config.tls)
  }

  /** Lets running pulls end, breaks off fetches that nobody waits for, and writes what is gathered. */
  async stop(): Promise<void> {
    const { stores, mirror, http, threads, stopping } = this.#parts
    stopping.is = true
    await Promise.all([http.stop(graceMs), threads?.stop(graceMs)])
    await mirror.close()
    await stores.close()
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

function portsOf({ listen, dockerListen, defaultUpstream }: Config) {
  const main = { address: listen, view: undefined }
  return dockerListen ? [main, { address: dockerListen, view: defaultUpstream }] : [main]
}
