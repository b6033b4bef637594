import { Access } from './access/access.ts'
import type { LoginEvent } from './access/login-notes.ts'
import { LoginRoom } from './access/login-room.ts'
import type { AnyAudit } from './audit/any-audit.ts'
import { Audit } from './audit/audit.ts'
import { Budgets } from './budget/budgets.ts'
import { Catalog } from './catalog/catalog.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config/config.ts'
import { takeUp } from './config/restart-keys.ts'
import type { EventSink } from './events/any-events.ts'
import { Events } from './events/events.ts'
import { TrafficEvents } from './events/traffic-events.ts'
import { Webhooks } from './events/webhooks.ts'
import { readFileLimit } from './file-limit.ts'
import { Hosted } from './hosted/hosted.ts'
import type { Log } from './logger/logger.ts'
import { Counted } from './metrics/counted.ts'
import { Metrics } from './metrics/metrics.ts'
import { Leases } from './mirror/leases.ts'
import { Mirror } from './mirror/mirror.ts'
import { tellOfBudget } from './notices/budget.ts'
import { tellOfFetches, tellOfPushes } from './notices/contents.ts'
import { tellOfDamage } from './notices/damage.ts'
import { tellOfFaults } from './notices/faults.ts'
import { tellOfOutages } from './notices/outages.ts'
import { tellOfSpace } from './notices/space.ts'
import { tellOfWebhooks } from './notices/webhooks.ts'
import type { Digest } from './oci/digest.ts'
import type { Repository } from './oci/repository.ts'
import { type Serving, serve } from './serving.ts'
import { Collector } from './space/collector.ts'
import { Integrity } from './space/integrity.ts'
import type { SpaceNotices } from './space/pressure.ts'
import { Space } from './space/space.ts'
import { openStores, type Stores } from './store/open-stores.ts'
import type { TrafficListener } from './traffic/any-traffic.ts'
import { ClientNames } from './traffic/client-names.ts'
import { FetchMeter } from './traffic/fetch-meter.ts'
import { Ledger } from './traffic/ledger.ts'
import { Reports } from './traffic/reports.ts'
import { Tally } from './traffic/tally.ts'
import { Upkeep } from './upkeep.ts'
import { version } from './version.ts'

/** Running pulls get this long when the server stops. */
const graceMs = 20_000
/** As many clients as a network may have; fewer where the system allows fewer open files. */
const mostConnections = 16_384
const mostUploads = 2_048

type Parts = Serving & {
  readonly stores: Stores
  readonly mirror: Mirror
  readonly hosted: Hosted
  readonly collector: Collector
  readonly upkeep: Upkeep
  readonly space: Space
  readonly access: Access
  readonly logins: LoginRoom
  readonly integrity: Integrity
  readonly audit: Audit
  readonly counted: Counted
  readonly budget: Budgets
  readonly traffic: Traffic
  readonly events: Events
  readonly webhooks: Webhooks
  readonly stopping: { is: boolean }
}

/** Puts the rooms together: everything that runs belongs to this, and ends with it. */
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
    const { logger } = log
    const onError = (err: unknown, what: string) => logger.warn({ err }, what)
    const stores = await openStores(config.data, { onError, ...tellOfFaults(logger) })
    const files = readFileLimit()
    const maxConnections = Math.min(mostConnections, Math.floor(files / 2))
    const maxUploads = Math.min(mostUploads, Math.floor(files / 4))
    let serving: Serving | undefined
    const leases = new Leases((key) => serving?.threads?.revoke(key))
    const events = new Events(clock.now)
    const counted = new Counted(config)
    const notices = tellOfFetches(events)
    const { now } = clock
    const budget = await openBudgets({ stores, now, onBudget: tellOfBudget(logger), onError })
    const outages = {
      ...tellOfOutages(logger, events),
      onWrongContent: counted.onWrongContent,
      onBudget: budget.onBudget,
    }
    const listeners = [new TrafficEvents(events), counted]
    const { ledger, tally } = await openLedger({ stores, config, now, onError, listeners })
    const meter = new FetchMeter(tally)
    const mirroring = { stores, config, clock, leases, onError, outages, meter, notices }
    const mirror = await openMirror(mirroring)
    const revokeAll = () => {
      leases.revokeAll()
      serving?.threads?.revokeAll()
    }
    const revoked = async () => serving?.threads?.revoked()
    const free = () => collector.collect()
    const { onPushed, ...pushes } = tellOfPushes(events)
    const onRemoved: typeof pushes.onRemoved = (...removed) => {
      upkeep.noteRemoval()
      pushes.onRemoved(...removed)
    }
    const room = {
      stores,
      mirror,
      config,
      maxUploads,
      leases,
      revokeAll,
      revoked,
      free,
      onPushed,
      onRemoved,
      now,
      onError,
    }
    const hosted = new Hosted(room)
    const isQuiet = (repository: Repository) => hosted.isQuiet(repository)
    const onGone = (digest: Digest) => leases.revoke(digest)
    const ofSpace = counted.besidesSpace(tellOfSpace(logger, events))
    const space = await openSpace({ stores, config, now, mirror, notices: ofSpace })
    const collector = new Collector({ stores, now, isQuiet, onGone })
    const prune = () => hosted.prune(undefined, { isDryRun: false })
    const upkeep = new Upkeep({ prune, free, logger })
    const access = new Access(config)
    const reports = new Reports({ ledger: stores.ledger, access, config })
    const audit = new Audit({ records: stores.audit, lines: stores.auditLines, now, onError })
    const hooks = { records: stores.webhooks, config, now, notices: tellOfWebhooks(logger) }
    const webhooks = new Webhooks(hooks)
    events.listen((event) => webhooks.take(event))
    const stopping = { is: false }
    const findFault = async () => (stopping.is ? 'the server is stopping' : stores.health.check())
    let logins: LoginRoom | undefined
    try {
      const onProblem = (problem: string) => logger.warn(problem)
      const onEvent = (event: LoginEvent) => audit.note(event)
      const records = stores.access
      logins = await LoginRoom.open({ ...config, records, now, onEvent, onProblem, onError })
      const describeThreads = async () => (await serving?.describeThreads()) ?? []
      const asked = { counted, mirror, space, stores, describeThreads }
      const metrics = new Metrics({ ...asked, logins: logins.logins, version, onError })
      const catalog = new Catalog(stores)
      const traffic = { ledger, tally, reports }
      const asking = { access, logins, audit, metrics, traffic, budget }
      const rooms = { mirror, hosted, catalog, space, events, ...asking }
      const health = { findFault }
      serving = await serve(config, rooms, { health, log, now, maxConnections })
      const refetch: Mirror['refetch'] = (...lost) => mirror.refetch(...lost)
      const damage = counted.besidesIntegrity(tellOfDamage(logger, events))
      const integrity = new Integrity({ stores, refetch, onGone, now, ...damage })
      const guarding = { access, logins, integrity, audit }
      const telling = { counted, traffic, budget, events, webhooks }
      const kept = { hosted, collector, upkeep, space, ...guarding, ...telling }
      const parts = { ...serving, ...kept, stores, mirror, stopping }
      logins.watch(() => serving?.threads?.noteLogins())
      stores.foreignChanges.watch(async () => {
        await Promise.all([hosted.noteForeignChanges(), logins?.reload()])
      })
      return new EntrepotServer(parts, config)
    } catch (error) {
      const opened = [mirror, hosted, upkeep, space, logins, webhooks]
      await Promise.all(opened.map((room) => room?.close()))
      await Promise.all([audit.close(), budget.close()])
      await closeLedger({ ledger, tally })
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

  /** How many threads serve, the main one among them. */
  get threadCount(): number {
    return this.#parts.threadCount
  }

  /** Where it is noted who did what. */
  get audit(): AnyAudit {
    return this.#parts.audit
  }

  /** Where it is told what happens. */
  get events(): EventSink {
    return this.#parts.events
  }

  /** Takes up what can change while it runs. */
  configure(changed: Config): void {
    const { mirror, hosted, space, access, counted, traffic } = this.#parts
    const { http, threads, webhooks } = this.#parts
    const config = takeUp(this.#config, changed)
    this.#config = config
    access.configure(config)
    mirror.configure(config)
    hosted.configure(config)
    space.configure(config)
    counted.configure(config)
    traffic.ledger.configure(config)
    traffic.reports.configure(config)
    webhooks.configure(config)
    threads?.configure(config)
    http.trustProxies(config.trustedProxies)
    if (config.tls) http.renewTls(config.tls)
  }

  /** Lets running pulls end, breaks off fetches that nobody waits for, and writes what is gathered. */
  async stop(): Promise<void> {
    const { stores, mirror, hosted, collector, upkeep, space, integrity } = this.#parts
    const { logins, audit, traffic, budget, events, webhooks } = this.#parts
    const { http, threads, stopping } = this.#parts
    stopping.is = true
    hosted.stopPruning()
    events.close()
    await Promise.all([http.stop(graceMs), threads?.stop(graceMs)])
    // Together: it may be waiting for a fetch, which ends by that.
    await Promise.all([integrity.close(), mirror.close()])
    await threads?.settled()
    await Promise.all([collector.close(), upkeep.close(), space.close()])
    await Promise.all([hosted.close(), logins.close()])
    await Promise.all([audit.close(), budget.close(), webhooks.close()])
    await closeLedger(traffic)
    await stores.close()
  }
}

type Gathering = { readonly ledger: Ledger; readonly tally: Tally }
type Traffic = Gathering & { readonly reports: Reports }

type LedgerParts = {
  readonly stores: Stores
  readonly config: Config
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
  readonly listeners: readonly TrafficListener[]
}

/** With the tally of the main thread. Closes the stores again if it can't be opened. */
async function openLedger(parts: LedgerParts): Promise<Gathering> {
  const { stores, config, now, onError, listeners } = parts
  const names = new ClientNames(config, stores.clientKey)
  try {
    const records = stores.ledger
    const ledger = await Ledger.open({ records, names, now, onError, listeners })
    const tally = new Tally({ passOn: (tallied) => ledger.add('main', tallied) })
    return { ledger, tally }
  } catch (error) {
    await stores.close()
    throw error
  }
}

async function closeLedger({ ledger, tally }: Gathering): Promise<void> {
  tally.close()
  await ledger.close()
}

type SpaceParts = {
  readonly stores: Stores
  readonly config: Config
  readonly now: () => number
  readonly mirror: Mirror
  readonly notices: SpaceNotices
}

/** Closes what there is if it can't be opened. */
async function openSpace({ mirror, ...settings }: SpaceParts): Promise<Space> {
  try {
    return await Space.open({
      ...settings,
      onEvicted: (image) => mirror.forgetImage(image),
      onGone: (digest) => mirror.forgetBlob(digest),
      isOffline: () => mirror.isOffline,
    })
  } catch (error) {
    await mirror.close()
    await settings.stores.close()
    throw error
  }
}

type BudgetParts = Omit<Parameters<typeof Budgets.open>[0], 'records' | 'ledger'> & {
  readonly stores: Stores
}

/** Closes the stores again if what was heard can't be read. */
async function openBudgets({ stores, ...settings }: BudgetParts): Promise<Budgets> {
  try {
    return await Budgets.open({ ...settings, records: stores.budget, ledger: stores.ledger })
  } catch (error) {
    await stores.close()
    throw error
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
