import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { stringify } from 'yaml'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { EntrepotServer } from '../../src/server.ts'
import { post, type Reply } from './raw-client.ts'

/** mirrors.yaml, without `listen` and `data`. */
export type Settings = Readonly<Record<string, unknown>>

export type LogLine = Readonly<Record<string, unknown>>

/** Our server in this process, on a port of its own. */
export interface StartedServer {
  readonly port: number
  /** The data folder. */
  readonly data: string
  /** Everything it has logged so far, at any level. */
  readonly log: readonly LogLine[]
  /** Digests of what is kept, without `sha256:`. */
  listBlobs(): Promise<string[]>
  listPartials(): Promise<string[]>
  /** Sends the value as JSON. */
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
  const logger = pino({ level: 'trace' }, { write: (line) => void log.push(JSON.parse(line)) })
  const server = await EntrepotServer.start(await writeConfig(folder, settings), logger, clock)
  let stopped: Promise<void> | undefined
  return {
    port: server.address.port,
    data,
    log,
    listBlobs: async () => (await readdir(join(data, 'blobs', 'sha256'))).sort(),
    listPartials: () => readdir(join(data, 'partial')),
    post: (path, json) => post(server.address, path, json),
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
  // Threads have clocks and logs of their own, which tests can't see: those about threads say how many.
  const all = { listen: '127.0.0.1:0', data: join(folder, 'data'), threads: 1, ...settings }
  await writeFile(file, stringify(all))
  return loadConfig(file, {})
}

/** The lines that requests left, without their times. */
export const requestLines = ({ log }: StartedServer): LogLine[] =>
  log.filter((line) => line.method !== undefined)
