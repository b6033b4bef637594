import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { builtMain } from './built-program.ts'
import { startProcess, waitUntilReady } from './lab/background-process.ts'
import type { Pair } from './lab/certificates.ts'
import { curl } from './lab/curl.ts'
import { findFreePort } from './lab/free-port.ts'
import { type Place, thisMachine } from './lab/place.ts'

/** One line of the server's own request log. */
export interface ServedRequest {
  readonly client: string
  readonly method: string
  readonly upstream: string
  readonly repository: string
  readonly reference: string
  readonly status: number
  readonly cache: string
  readonly bytes: number
  readonly ms: number
}

/** Any line of the log: pino's level (50 is an error) and text. */
export interface LogLine extends Partial<ServedRequest> {
  readonly level: number
  readonly msg: string
  /** Who asked, where that isn't anybody. */
  readonly who?: string
}

export interface StartOptions {
  /** A free one unless it is given: clients then find the server again after a restart. */
  readonly port?: number
  /** On this machine as it is, unless said otherwise. */
  readonly place?: Place
  /** For one that requires it. */
  readonly clientCertificate?: Pair
}

export interface Entrepot {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** The data folder, as the server sees it. */
  readonly data: string
  /** Its mirrors.yaml. */
  readonly configFile: string
  readLog(): Promise<readonly LogLine[]>
  readRequests(): Promise<readonly ServedRequest[]>
  stop(): Promise<void>
  /** Ends it with SIGKILL. */
  kill(): Promise<void>
}

/** What `npm start` gives node before the file; here that isn't built first. */
const flags: readonly string[] = packageJson.scripts.start.split(' ').slice(1, -1)

/**
 * Starts the server as its users do, as a process of its own, and waits until it is ready. All it
 * writes goes into `folder`, what it prints to entrepot.log there; started there again, it has the
 * same data. `config` is mirrors.yaml without `listen` and `data`.
 */
export const startEntrepot = async (
  folder: string,
  config: object,
  { place = thisMachine, ...options }: StartOptions = {},
): Promise<Entrepot> => {
  const port = options.port ?? (await findFreePort())
  const listen = `${place.address}:${port}`
  const url = `${'tls' in config ? 'https' : 'http'}://${listen}`
  const data = join(folder, 'data')
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'mirrors.yaml')
  await writeFile(configFile, stringify({ listen, data, ...config }))

  const command = place.inside([
    process.execPath,
    ...flags,
    builtMain,
    'serve',
    '--config',
    configFile,
  ])
  const started = startProcess(command, join(folder, 'entrepot.log'))
  const { clientCertificate: own } = options
  const showing = own ? ['--cert', own.certFile, '--key', own.keyFile] : []
  await waitUntilReady(
    started,
    async () => (await curl(place, `${url}/readyz`, ['--insecure', ...showing])).status === 200,
  )
  const readLog = () => readLines(started.logFile)
  const readRequests = async () => (await readLog()).filter(isRequest)
  const { pid, stop, kill } = started
  return { url, port, pid, data, configFile, readLog, readRequests, stop, kill }
}

const readLines = async (logFile: string): Promise<readonly LogLine[]> => {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as LogLine)
}

const isRequest = (line: LogLine): line is LogLine & ServedRequest => line.method !== undefined
