import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RawLoadOptions, RawLoadReport } from './raw-load.ts'

const run = promisify(execFile)
const loaderFile = join(import.meta.dirname, 'raw-load.ts')
const startAndEndMs = 30_000

export interface RawLoad {
  /** Plain HTTP; where paths are given, only its host and port count. */
  readonly url: string
  readonly paths?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
  /** Of each connection; absent, it reads as fast as it can. */
  readonly bytesPerSecond?: number
  /** Ends once so many answers came whole, if that is earlier. */
  readonly answers?: number
  readonly signal: AbortSignal
}

/**
 * Loads an address with raw-load.ts, which reads 1 MiB at once where wrk reads 8 KiB: on the same
 * nginx it takes some 0.4 s of processor time a gigabyte against wrk's 1.0, and so moves twice as
 * much before it is the limit itself. Throws when any request failed or nothing arrived.
 */
export const runRawLoad = async ({ signal, ...load }: RawLoad): Promise<RawLoadReport> => {
  const report = await runLoader(toOptions(load), signal)
  if (report.bytes === 0) throw new Error(`nothing arrived from ${load.url}`)
  return report
}

const toOptions = ({ url, paths, headers, ...load }: Omit<RawLoad, 'signal'>): RawLoadOptions => {
  const { hostname, port, pathname, protocol } = new URL(url)
  if (protocol !== 'http:') throw new Error(`the raw loader doesn't speak ${protocol} for ${url}`)
  const target = { host: hostname, port: Number(port), paths: paths ?? [pathname] }
  return { ...target, ...load, headers: headers ?? {} }
}

// The options go in over stdin: thousands of paths are too long for an argument.
const runLoader = async (options: RawLoadOptions, signal: AbortSignal): Promise<RawLoadReport> => {
  const limits = { timeout: options.seconds * 1000 + startAndEndMs, killSignal: 'SIGKILL' as const }
  try {
    const running = run(process.execPath, [loaderFile], { signal, ...limits })
    running.child.stdin?.end(JSON.stringify(options))
    return JSON.parse((await running).stdout) as RawLoadReport
  } catch (cause) {
    if (signal.aborted) throw cause
    const { stderr } = cause as { stderr?: string }
    throw new Error(`the loader failed: ${stderr?.trim() || String(cause)}`, { cause })
  }
}
