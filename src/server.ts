import type { AnyAudit } from './audit/any-audit.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import type { ConfigurationInForce } from './config/configuration-in-force.ts'
import { takeUp } from './config/restart-keys.ts'
import type { EventSink } from './events/any-events.ts'
import type { Log } from './logger/logger.ts'
import { openParts, type Parts } from './server/open-parts.ts'
import { closeTraffic } from './server/traffic.ts'

/** Running pulls get this long when the server stops. */
const graceMs = 20_000

/** The rooms, put together: everything that runs belongs to this, and ends with it. */
export class EntrepotServer {
  readonly #parts: Parts
  /** As it is in force. */
  #config: Config

  private constructor(parts: Parts, config: Config) {
    this.#parts = parts
    this.#config = config
  }

  /** Rejects if the data folder can't be opened or an address can't be listened on; nothing is left open then. */
  static async start(
    config: Config,
    log: Log,
    clock: Clock = systemClock,
  ): Promise<EntrepotServer> {
    return new EntrepotServer(await openParts(config, log, clock), config)
  }

  /** Where it listens; with port 0 in the configuration, the port that it got. */
  get address(): { readonly host: string; readonly port: number } {
    const [first] = this.#parts.http.ports
    if (!first) throw new Error('the server listens nowhere')
    return first.address
  }

  /** How many threads serve, the main one among them. */
  get threadCount(): number {
    return this.#parts.threadCount
  }

  /** Where it is noted who did what. */
  get audit(): AnyAudit {
    return this.#parts.audit
  }

  /** Where it is told what the file of the configuration says. */
  get configuration(): ConfigurationInForce {
    return this.#parts.administration.configuration
  }

  /** Where it is told what happens. */
  get events(): EventSink {
    return this.#parts.events
  }

  /** Takes up what can change while it runs. */
  configure(changed: Config): void {
    const { mirror, hosted, space, backups, access, counted, traffic } = this.#parts
    const { http, threads, webhooks, administration, advice } = this.#parts
    const config = takeUp(this.#config, changed)
    this.#config = config
    administration.configuration.takeUp(config)
    access.configure(config)
    mirror.configure(config)
    hosted.configure(config)
    space.configure(config)
    backups.configure(config)
    counted.configure(config)
    traffic.ledger.configure(config)
    traffic.reports.configure(config)
    webhooks.configure(config)
    advice.configure(config)
    threads?.configure(config)
    http.trustProxies(config.trustedProxies)
    if (config.tls) http.renewTls(config.tls)
  }

  /** Lets running pulls end, breaks off fetches that nobody waits for, and writes what is gathered. */
  async stop(): Promise<void> {
    const { stores, mirror, hosted, collector, upkeep, space, integrity } = this.#parts
    const { backups } = this.#parts
    const { logins, audit, traffic, budget, chronicle, events, webhooks } = this.#parts
    const { http, threads, stopping } = this.#parts
    stopping.is = true
    hosted.stopPruning()
    chronicle.stopTests()
    events.close()
    await Promise.all([http.stop(graceMs), threads?.stop(graceMs)])
    // Together: they may be waiting for a fetch, which ends by that.
    await Promise.all([integrity.close(), space.verification.close(), mirror.close()])
    await threads?.settled()
    await Promise.all([collector.close(), upkeep.close(), space.close(), backups.close()])
    await Promise.all([hosted.close(), logins.close()])
    await Promise.all([audit.close(), budget.close(), chronicle.close(), webhooks.close()])
    await closeTraffic(traffic)
    await stores.close()
  }
}
