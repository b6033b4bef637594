import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Port } from '../http/http-ports.ts'
import type { NamedThread } from '../metrics/thread-watch.ts'
import { Calls } from './calls.ts'
import type { ServingCalls } from './main-calls.ts'
import type { MirrorHost } from './mirror-host.ts'
import type { ThreadData } from './serving-thread.ts'

type Settings = {
  /** With the main one. */
  readonly threadCount: number
  /** Of all threads together. */
  readonly maxConnections: number
  readonly config: Config
  readonly ports: readonly Port[]
  /** The main thread's: a client that comes back meets any of them. */
  readonly ticketKeys: Uint8Array
  /** What TagTurns share. */
  readonly tagTurns: SharedArrayBuffer
  /** Whether anybody can log in, now. */
  readonly haveLogins: () => boolean
  /** Makes what one thread sees of the mirror. */
  readonly createHost: () => MirrorHost
  readonly logger: Logger
}

type Thread = {
  /** Which place it has; who takes its place has the same. */
  readonly index: number
  readonly worker: Worker
  readonly calls: Calls<ServingCalls>
  readonly ended: Promise<void>
}

/** Beside this file, whether it runs as it is written or as it was built. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const entry = new URL(`./serving-thread.${extension}`, import.meta.url)
/** One that ends as soon as it has begun isn't started over and over. */
const firstPauseMs = 100
const longestPauseMs = 10_000
const soundAfterMs = 60_000
/** After its connections have ended, a thread has so long to end. */
const endsWithinMs = 2_000
/** How it does a thread tells within that time, or not at all. */
const answersWithinMs = 1_000

/**
 * The room of threads: further ones that listen on the ports of the main thread and share its
 * connections (SO_REUSEPORT). What they have leave for they serve alone; for all else they call the
 * main thread, the one place of fetching and writing. One that ends is replaced.
 */
export class ServingThreads {
  readonly #settings: Settings
  readonly #threads = new Set<Thread>()
  readonly #pauses = new Set<NodeJS.Timeout>()
  /** Of threads that have ended, closing what they had open. */
  readonly #closing = new Set<Promise<void>>()
  #config: Config
  #pauseMs = firstPauseMs
  #isStopping = false

  /** They begin to serve when they are ready; until then the main thread does. */
  constructor(settings: Settings) {
    this.#settings = settings
    this.#config = settings.config
    for (let index = 1; index < settings.threadCount; index++) this.#start(index)
  }

  /** Of what only a restart changes, `config` says what is in force. */
  configure(config: Config): void {
    this.#config = config
    for (const { calls } of this.#threads) calls.tell('configure', config)
  }

  /** What is about `key` may be served no more without asking. */
  revoke(key: string): void {
    for (const { calls } of this.#threads) calls.tell('revoke', key)
  }

  /** Nothing may be served any more without asking. */
  revokeAll(): void {
    for (const { calls } of this.#threads) calls.tell('revokeAll')
  }

  /** Who was known may be nobody any more. */
  noteLogins(): void {
    const exist = this.#settings.haveLogins()
    for (const { calls } of this.#threads) calls.tell('noteLogins', exist)
  }

  /** Resolves when every thread knows what was taken back by now; one that has ended needn't. */
  async revoked(): Promise<void> {
    await Promise.allSettled([...this.#threads].map(({ calls }) => calls.call('acknowledge')))
  }

  /** How each does; one that is held up, or begins only now, is left out. */
  async describe(): Promise<readonly NamedThread[]> {
    const found = await Promise.all([...this.#threads].map(describeThread))
    return found.filter((thread) => thread !== undefined)
  }

  /** Lets running pulls end for so long. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    for (const pause of this.#pauses) clearTimeout(pause)
    await Promise.all([...this.#threads].map((thread) => stopThread(thread, graceMs)))
  }

  /** Resolves when nothing is open any more of what ended threads had; some of it ends only with the mirror. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing)
  }

  #start(index: number): void {
    const { createHost, logger, threadCount, maxConnections, ports, ...others } = this.#settings
    const { ticketKeys, tagTurns } = others
    const haveLogins = this.#settings.haveLogins()
    const host = createHost()
    const shared = { threadCount, maxConnections, ports, ticketKeys, tagTurns, haveLogins }
    const workerData: ThreadData = { config: this.#config, ...shared }
    const worker = new Worker(entry, { workerData, name: 'serving' })
    const calls = new Calls<ServingCalls>(worker, host.calls)
    const startedAt = performance.now()
    const exit = Promise.withResolvers<void>()
    const thread: Thread = { index, worker, calls, ended: exit.promise }
    this.#threads.add(thread)
    worker.on('error', (err) => logger.error({ err }, 'a serving thread failed'))
    worker.on('exit', (code) => {
      this.#threads.delete(thread)
      calls.end(new Error('the serving thread has ended'))
      exit.resolve()
      const closing = host.close().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
      if (!this.#isStopping) this.#replace(index, code, performance.now() - startedAt)
    })
  }

  #replace(index: number, code: number, livedMs: number): void {
    this.#pauseMs = livedMs > soundAfterMs ? firstPauseMs : this.#pauseMs
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    const what = `a serving thread ended (${code}); another takes its place in ${pauseMs / 1000} s`
    this.#settings.logger.error(what)
    const pause = setTimeout(() => {
      this.#pauses.delete(pause)
      this.#start(index)
    }, pauseMs)
    this.#pauses.add(pause)
  }
}

async function describeThread({ index, calls }: Thread): Promise<NamedThread | undefined> {
  const late = new AbortController()
  const asked = calls.call('describeThread').catch(() => undefined)
  const waited = delay(answersWithinMs, undefined, { signal: late.signal }).catch(() => undefined)
  const vitals = await Promise.race([asked, waited])
  late.abort()
  return vitals && { thread: String(index), ...vitals }
}

async function stopThread({ worker, calls, ended }: Thread, graceMs: number): Promise<void> {
  const stopped = calls.call('stop', graceMs)
  // One that has only begun to start answers later, or ends.
  const timer = setTimeout(() => void worker.terminate(), graceMs + endsWithinMs)
  try {
    await Promise.race([stopped.catch(() => {}), ended])
    await worker.terminate()
    await ended
  } finally {
    clearTimeout(timer)
  }
}
