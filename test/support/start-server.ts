import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { stringify } from 'yaml'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { EntrepotServer } from '../../src/server.ts'
import { findOperator, type Operator } from './operator.ts'
import { post, type Reply } from './raw-client.ts'

/** mirrors.yaml, without `listen` and `data`. */
export type Settings = Readonly<Record<string, unknown>>

export type LogLine = Readonly<Record<string, unknown>>

/** Our server in this process, on a port of its own. */
export interface StartedServer {
  readonly port: number
  /** The data folder. */
  readonly data: string
  /** Everything it has logged so far: the main thread at any level, others at the configured one. */
  readonly log: readonly LogLine[]
  /** Digests of what is kept, without `sha256:`. */
  listBlobs(): Promise<string[]>
  listPartials(): Promise<string[]>
  readonly operator: Operator
  /** Sends the value as JSON, as whoever operates the server. */
  post(path: string, json: unknown): Promise<Reply>
  takeUp(config: Config): void
  /** Takes up other settings while it runs. */
  configure(settings: Settings): Promise<void>
  /** Calling it twice is fine. */
  stop(): Promise<void>
}

/** Starts it with all it writes in `folder`; started there again, it has the same data. */
export const startServer = async (
  folder: string,
  settings: Settings,
  clock: Clock = systemClock,
): Promise<StartedServer> => {
  const data = join(folder, 'data')
  const log: LogLine[] = []
  const writeLines = (lines: string) => {
    for (const line of lines.trimEnd().split('\n')) log.push(JSON.parse(line))
  }
  const logger = pino({ level: 'trace' }, { write: writeLines })
  const config = await writeConfig(folder, settings)
  const server = await EntrepotServer.start(config, { logger, writeLines }, clock)
  const operator = await findOperator(data)
  let stopped: Promise<void> | undefined
  return {
    port: server.address.port,
    data,
    log,
    listBlobs: async () => (await readdir(join(data, 'blobs', 'sha256'))).sort(),
    listPartials: () => readdir(join(data, 'partial')),
    operator,
    post: (path, json) => post(server.address, path, json, operator.headers),
    takeUp: (config) => server.configure(config),
    configure: async (changed) => server.configure(await writeConfig(folder, changed)),
    stop: () => {
      stopped ??= server.stop()
      return stopped
    },
  }
}

/** Through a file, so that the tests' settings pass the same checks as everybody's. */
export const writeConfig = async (folder: string, settings: Settings) => {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'mirrors.yaml')
  // Threads have clocks of their own, which tests can't move: those about threads say how many.
  const all = { listen: '127.0.0.1:0', data: join(folder, 'data'), threads: 1, ...settings }
  await writeFile(file, stringify(all))
  return loadConfig(file, {})
}

/** The lines that requests left, without their times. */
export const requestLines = ({ log }: StartedServer): LogLine[] =>
  log.filter((line) => line.method !== undefined)
