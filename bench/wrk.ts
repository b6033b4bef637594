import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { locateProgram } from './programs.ts'

const run = promisify(execFile)
const reportScript = join(import.meta.dirname, 'wrk-report.lua')
const roundRobinScript = join(import.meta.dirname, 'wrk-round-robin.lua')

export interface Load {
  readonly url: string
  /** Lists the paths that are asked for in turn, a line each; without it, it is the URL's. */
  readonly pathsFile?: string
  readonly headers: Readonly<Record<string, string>>
  /** The length of each answer's body, or of the shortest: a run that moved less than that a request is refused. */
  readonly bodyBytes: number
  readonly connections: number
  readonly seconds: number
  readonly signal: AbortSignal
}

export interface LoadReport {
  readonly requestsPerSecond: number
  /** Headers included, and the part of answers that were under way at the end. */
  readonly bytesPerSecond: number
  readonly requests: number
  readonly bytes: number
  /** Times to the last byte; wrk corrects them for what a stalled connection didn't send. */
  readonly p50Ms: number
  readonly p99Ms: number
}

interface RawReport {
  readonly requests: number
  readonly bytes: number
  readonly durationUs: number
  readonly p50Us: number
  readonly p99Us: number
  readonly errors: Readonly<Record<string, number>>
}

/**
 * Loads an address with wrk, from one thread so that a core is left to the server. Throws when
 * any request failed, so that errors are never measured.
 */
export const runWrk = async (load: Load): Promise<LoadReport> => {
  const { stdout } = await run(await locateProgram('wrk'), wrkArguments(load), {
    signal: load.signal,
    killSignal: 'SIGKILL',
  })
  const raw = parseReport(stdout)
  refuseErrors(raw, load)
  const seconds = raw.durationUs / 1e6
  return {
    requestsPerSecond: raw.requests / seconds,
    bytesPerSecond: raw.bytes / seconds,
    requests: raw.requests,
    bytes: raw.bytes,
    p50Ms: raw.p50Us / 1000,
    p99Ms: raw.p99Us / 1000,
  }
}

const wrkArguments = ({ url, pathsFile, headers, connections, seconds }: Load): string[] => [
  '-t1',
  `-c${connections}`,
  `-d${seconds}s`,
  // A 100 MB answer on a busy machine takes longer than wrk's two seconds.
  '--timeout=30s',
  `--script=${pathsFile === undefined ? reportScript : roundRobinScript}`,
  ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
  url,
  ...(pathsFile === undefined ? [] : ['--', pathsFile]),
]

const parseReport = (stdout: string): RawReport => {
  const line = stdout.split('\n').find((text) => text.startsWith('report {'))
  if (line === undefined) throw new Error(`wrk printed no report:\n${stdout}`)
  return JSON.parse(line.slice('report '.length)) as RawReport
}

const refuseErrors = ({ errors, requests, bytes }: RawReport, { url, bodyBytes }: Load): void => {
  const failed = Object.entries(errors).filter(([, count]) => count > 0)
  if (failed.length > 0) {
    const list = failed.map(([kind, count]) => `${count} ${kind}`).join(', ')
    throw new Error(`wrk met errors at ${url}: ${list}, in ${requests} requests`)
  }
  if (bytes === 0) throw new Error(`nothing arrived from ${url}`)
  if (bytes < requests * bodyBytes)
    throw new Error(`${requests} answers from ${url} held ${bytes} bytes: they weren't whole`)
}
