import type { Logger } from 'pino'
import type { Access } from './access/access.ts'
import type { AnyAdministration } from './access/any-administration.ts'
import type { LoginRoom } from './access/login-room.ts'
import type { AnyAdvice } from './advice/any-advice.ts'
import type { AnyAudit } from './audit/any-audit.ts'
import type { AnyBudget } from './budget/any-budget.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { AnyChronicle } from './chronicle/any-chronicle.ts'
import type { Config } from './config/config.ts'
import type { AnyEvents } from './events/any-events.ts'
import type { Hosted } from './hosted/hosted.ts'
import { HttpPorts, type Port, refuseTaken } from './http/http-ports.ts'
import { findSharingFault } from './http/port-sharing.ts'
import type { Rooms as AskedRooms } from './http/rooms.ts'
import { createTicketKeys } from './http/tls-server.ts'
import type { Log } from './logger/logger.ts'
import type { AnyMetrics } from './metrics/any-metrics.ts'
import type { NamedThread } from './metrics/thread-watch.ts'
import type { AnyMirror } from './mirror/any-mirror.ts'
import type { Mirror } from './mirror/mirror.ts'
import { tellOfHandshakes } from './notices/handshakes.ts'
import type { Space } from './space/space.ts'
import { MirrorHost } from './threads/mirror-host.ts'
import { ServingThreads } from './threads/serving-threads.ts'
import { countThreads } from './threads/thread-count.ts'
import type { AnyReports } from './traffic/any-reports.ts'
import type { Ledger } from './traffic/ledger.ts'
import type { TagTurns } from './traffic/tag-turns.ts'
import type { Tally } from './traffic/tally.ts'

type Health = { readonly findFault: () => Promise<string | undefined> }

type Rooms = {
  readonly mirror: Mirror
  readonly hosted: Hosted
  readonly catalog: Catalog
  readonly space: Space
  readonly events: AnyEvents
  readonly access: Access
  readonly logins: LoginRoom
  readonly administration: AnyAdministration
  readonly audit: AnyAudit
  readonly metrics: AnyMetrics
  readonly budget: AnyBudget
  readonly chronicle: AnyChronicle
  readonly advice: AnyAdvice
  readonly traffic: Traffic
}

/** Where what is answered is counted: by this thread, and by the others. */
type Traffic = {
  readonly tally: Tally
  readonly turns: TagTurns
  readonly ledger: Pick<Ledger, 'add' | 'forget'>
  readonly reports: AnyReports
}

type Surroundings = {
  readonly health: Health
  readonly log: Log
  readonly now: () => number
  /** Of all threads together. */
  readonly maxConnections: number
}

/** What answers clients: this thread's ports, and the other threads that listen on them. */
export type Serving = {
  readonly http: HttpPorts
  readonly threads: ServingThreads | undefined
  /** With the main one. */
  readonly threadCount: number
  /** How each does. */
  readonly describeThreads: () => Promise<readonly NamedThread[]>
}

/** Listens, with as many threads as there are to be. The clock counts for this thread alone. */
export async function serve(
  config: Config,
  rooms: Rooms,
  surroundings: Surroundings,
): Promise<Serving> {
  const { health, log, now, maxConnections } = surroundings
  const { logger } = log
  const pulls = rooms.hosted.beforeMirror()
  const ticketKeys = createTicketKeys()
  const onRefused = tellOfHandshakes(logger)
  const tls = config.tls && { identity: config.tls, ticketKeys, onRefused }
  const ports = portsOf(config)
  const threadCount = await agreeOnThreads(config, ports, logger)
  const http = await HttpPorts.listen({
    ports,
    threadCount,
    maxConnections,
    ...toAsked(rooms, pulls),
    tally: rooms.traffic.tally,
    trustedProxies: config.trustedProxies,
    health,
    logger,
    now,
    tls,
  })
  const describeMain = () => ({ thread: 'main', ...http.describe() })
  if (threadCount === 1)
    return { http, threads: undefined, threadCount, describeThreads: async () => [describeMain()] }
  const createHost = hostsFor(rooms, surroundings, pulls)
  const haveLogins = () => rooms.logins.logins.exist
  const tagTurns = rooms.traffic.turns.shared
  const limits = { threadCount, maxConnections }
  const shared = { ...limits, ports: http.ports, ticketKeys, tagTurns, haveLogins }
  const threads = new ServingThreads({ ...shared, config, createHost, logger })
  const describeThreads = async () => [describeMain(), ...(await threads.describe())]
  return { http, threads, threadCount, describeThreads }
}

function toAsked({ traffic, logins, ...rooms }: Rooms, pulls: AnyMirror): AskedRooms {
  return { ...rooms, mirror: pulls, reports: traffic.reports, authentication: logins }
}

/** What does in this thread what another asks for. */
function hostsFor(rooms: Rooms, { health, log }: Surroundings, pulls: AnyMirror): () => MirrorHost {
  const { mirror, traffic } = rooms
  const { logger } = log
  return () =>
    new MirrorHost({
      ...toAsked(rooms, pulls),
      findFault: health.findFault,
      ledger: traffic.ledger,
      writeLog: log.writeLines,
      onListening: () => logger.debug('a serving thread listens'),
      onUnreadable: (digest, error) => mirror.noteUnreadable(digest, error),
      onError: (err, what) => logger.warn({ err }, what),
    })
}

/** Rejects if threads were to share a port with another program. */
async function agreeOnThreads(
  { threads, listen }: Config,
  ports: readonly Port[],
  logger: Logger,
): Promise<number> {
  const wanted = countThreads(threads)
  if (wanted === 1) return 1
  await refuseTaken(ports)
  const fault = await findSharingFault(listen.host)
  if (fault === undefined) return wanted
  logger.warn(`one thread serves, not ${wanted}: this system can't share a port (${fault})`)
  return 1
}

function portsOf({ listen, dockerListen, defaultUpstream }: Config) {
  const main = { address: listen, view: undefined }
  return dockerListen ? [main, { address: dockerListen, view: defaultUpstream }] : [main]
}
