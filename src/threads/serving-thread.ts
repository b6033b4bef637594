// The code of a serving thread: it listens on the same ports as the main thread.
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Access } from '../access/access.ts'
import { KnownCallers } from '../access/known-callers.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { HttpPorts, type Port } from '../http/http-ports.ts'
import { createGatheringLog } from '../logger/logger.ts'
import { tellOfHandshakes } from '../notices/handshakes.ts'
import { openBlobSource } from '../store/open-blob-source.ts'
import { TagTurns } from '../traffic/tag-turns.ts'
import { Tally } from '../traffic/tally.ts'
import { Calls } from './calls.ts'
import type { MainCalls, ServingCalls } from './main-calls.ts'
import { RemoteAdministration } from './remote-administration.ts'
import { RemoteAdvice } from './remote-advice.ts'
import { RemoteAudit } from './remote-audit.ts'
import { RemoteBudget } from './remote-budget.ts'
import { RemoteCatalog } from './remote-catalog.ts'
import { RemoteChronicle } from './remote-chronicle.ts'
import { RemoteEvents } from './remote-events.ts'
import { RemoteHosted } from './remote-hosted.ts'
import { RemoteLogins } from './remote-logins.ts'
import { RemoteMetrics } from './remote-metrics.ts'
import { RemoteMirror } from './remote-mirror.ts'
import { RemoteReports } from './remote-reports.ts'
import { RemoteSpace } from './remote-space.ts'

export type ThreadData = {
  readonly config: Config
  readonly ports: readonly Port[]
  readonly ticketKeys: Uint8Array
  /** What TagTurns share. */
  readonly tagTurns: SharedArrayBuffer
  /** Whether anybody can log in. */
  readonly haveLogins: boolean
  /** With the main one. */
  readonly threadCount: number
  /** Of all threads together. */
  readonly maxConnections: number
}

const { config, ports, ticketKeys, tagTurns, haveLogins, threadCount, maxConnections } =
  workerData as ThreadData
if (!parentPort) throw new Error('this is the code of a thread, not of a process')
const port = parentPort

const { logger, flush } = createGatheringLog(config.log.level, (lines) => {
  calls.tell('writeLog', lines)
})
// Also after an error that nobody caught: what is posted here still arrives. Only a thread that is
// terminated, or out of memory, takes with it the lines of its last moments.
process.once('exit', flush)
const { now } = systemClock
const ours: ServingCalls = {
  configure: (changed) => {
    logger.level = changed.log.level
    access.configure(changed)
    mirror.configure(changed)
    hosted.configure(changed)
    void listening.then((http) => takeUp(http, changed))
  },
  revoke: (key) => mirror.revoke(key),
  revokeAll: () => mirror.revokeAll(),
  noteLogins: (exist) => {
    logins.exist = exist
    known.forgetAll()
  },
  acknowledge: () => {},
  describeThread: async () => (await listening).describe(),
  stop: async (graceMs) => {
    await (await listening).stop(graceMs)
    // Requests that were broken off log their line a turn later.
    await delay(1)
    await mirror.close()
    tally.close()
    flush()
    // Once the answer has gone out nothing holds the thread any more.
    setImmediate(() => port.unref())
  },
}
const calls = new Calls<MainCalls>(port, ours)
const blobs = openBlobSource(config.data, (err, what) => logger.warn({ err }, what))
const mirror = new RemoteMirror({ calls, blobs, config, now })
const hosted = new RemoteHosted(calls, config)
const catalog = new RemoteCatalog(calls)
const space = new RemoteSpace(calls)
const events = new RemoteEvents(calls)
const reports = new RemoteReports(calls)
const advice = new RemoteAdvice(calls)
const access = new Access(config)
const logins = new RemoteLogins(calls, haveLogins)
const known = new KnownCallers({ logins, now })
const authentication = { logins, known }
const administration = new RemoteAdministration(calls)
const audit = new RemoteAudit(calls)
const metrics = new RemoteMetrics(calls)
const budget = new RemoteBudget(calls)
const chronicle = new RemoteChronicle(calls)
const turns = new TagTurns(tagTurns)
const tally = new Tally({ passOn: (tallied) => calls.tell('noteTraffic', tallied), turns })
const health = { findFault: () => calls.call('findFault') }
const tls = config.tls && {
  identity: config.tls,
  ticketKeys: Buffer.from(ticketKeys),
  onRefused: tellOfHandshakes(logger),
}
const { trustedProxies } = config
const answering = { mirror, hosted, catalog, space, reports, events, budget, chronicle, metrics }
const rooms = { ...answering, advice, access, authentication, administration, audit, tally }
const settings = { ports, threadCount, maxConnections, trustedProxies, health, logger, now, tls }
const listening = HttpPorts.listen({ ...rooms, ...settings })
await listening
calls.tell('noteListening')

function takeUp(http: HttpPorts, { trustedProxies, tls }: Config): void {
  http.trustProxies(trustedProxies)
  if (tls) http.renewTls(tls)
}
