// A loader as a process of its own: takes RawLoadOptions as JSON from standard input and prints a
// RawLoadReport, or what went wrong and ends with 1. The first error of any connection ends it.

import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Counters, RawConnection } from './raw-connection.ts'

export interface RawLoadOptions {
  readonly host: string
  readonly port: number
  /** Asked for in turn, over all connections together. */
  readonly paths: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  /** Where reading is paced: from when every connection is answered. */
  readonly seconds: number
  /** Of each connection; absent, it reads as fast as it can. */
  readonly bytesPerSecond?: number
  /** Ends once so many answers came whole, if that is earlier. */
  readonly answers?: number
}

export interface RawLoadReport {
  readonly seconds: number
  readonly begun: number
  readonly requests: number
  readonly bytes: number
}

// All connections share one buffer: fewer calls with a large one, an even pace with a small one.
const fullSpeedBufferBytes = 1 << 20
const pacedBufferBytes = 1 << 16
const begunTimeoutMs = 20_000
const pollMs = 5

const load = async (options: RawLoadOptions): Promise<RawLoadReport> => {
  const { seconds, answers } = options
  const counters = { begun: 0, requests: 0, bytes: 0 }
  const failure = Promise.withResolvers<never>()
  const startedAt = performance.now()
  const open = openConnections(options, counters, failure.reject)
  open.catch(failure.reject)
  if (isPaced(options)) await Promise.race([failure.promise, open])
  const ends: Promise<unknown>[] = [failure.promise, sleep(seconds * 1000)]
  if (answers !== undefined) ends.push(waitForAnswers(counters, answers))
  await Promise.race(ends)
  return { ...counters, seconds: (performance.now() - startedAt) / 1000 }
}

const isPaced = ({ bytesPerSecond }: RawLoadOptions): boolean => bytesPerSecond !== undefined

/** Resolves once all are answered. */
const openConnections = async (
  options: RawLoadOptions,
  counters: Counters,
  onError: (error: Error) => void,
): Promise<void> => {
  const { connections, host, port, bytesPerSecond } = options
  const bufferBytes = isPaced(options) ? pacedBufferBytes : fullSpeedBufferBytes
  const buffer = Buffer.allocUnsafeSlow(bufferBytes)
  const shared = { host, port, nextRequest: takeTurns(options), buffer, bytesPerSecond }
  for (let opened = 0; opened < connections; opened++)
    new RawConnection({ ...shared, counters, onError })
  const deadline = performance.now() + begunTimeoutMs
  while (counters.begun < connections) {
    if (performance.now() > deadline)
      throw new Error(`only ${counters.begun} of ${connections} clients were answered`)
    await sleep(pollMs)
  }
}

const waitForAnswers = async (counters: Counters, answers: number): Promise<void> => {
  while (counters.requests < answers) await sleep(pollMs)
}

const takeTurns = ({ host, port, paths, headers }: RawLoadOptions): (() => string) => {
  const lines = Object.entries({ Host: `${host}:${port}`, ...headers })
  const rest = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\n${rest}\r\n`)
  let turn = 0
  return () => requests[turn++ % requests.length] ?? ''
}

const main = async (): Promise<number> => {
  try {
    const report = await load((await json(process.stdin)) as RawLoadOptions)
    process.stdout.write(`${JSON.stringify(report)}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

// At once: connections and timers are left, and end with it.
process.exit(await main())
