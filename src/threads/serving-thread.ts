// The code of a serving thread: it listens on the same ports as the main thread.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { HttpPorts, type Port } from '../http/http-ports.ts'
import { createLogger } from '../logger.ts'
import { tellOfHandshakes } from '../notices.ts'
import { openBlobSource } from '../store/open-blob-source.ts'
import { Calls } from './calls.ts'
import type { MainCalls, ServingCalls } from './main-calls.ts'
import { RemoteMirror } from './remote-mirror.ts'

export type ThreadData = {
  readonly config: Config
  readonly ports: readonly Port[]
  /** With the main one. */
  readonly threadCount: number
}

const { config, ports, threadCount } = workerData as ThreadData
if (!parentPort) throw new Error('this is the code of a thread, not of a process')
const port = parentPort

const logger = await createLogger(config.log.level)
const { now } = systemClock
const ours: ServingCalls = {
  configure: (changed) => {
    logger.level = changed.log.level
    mirror.configure(changed)
    const { tls: identity } = changed
    if (identity) void listening.then((http) => http.renewTls(identity))
  },
  revoke: (key) => mirror.revoke(key),
  stop: async (graceMs) => {
    await (await listening).stop(graceMs)
    await mirror.close()
    // Once the answer has gone out nothing holds the thread any more.
    setImmediate(() => port.unref())
  },
}
const calls = new Calls<MainCalls>(port, ours)
const blobs = openBlobSource(config.data, (err, what) => logger.warn({ err }, what))
const mirror = new RemoteMirror({ calls, blobs, config, now })
const health = { findFault: () => calls.call('findFault') }
const tls = config.tls && { identity: config.tls, onRefused: tellOfHandshakes(logger) }
const settings = { threadCount, mirror, health, logger, now, tls }
const listening = HttpPorts.listen({ ports, ...settings })
await listening
calls.tell('noteListening')
