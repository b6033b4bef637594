import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { stringify } from 'yaml'
import { startProcess, waitUntilReady } from './lab/background-process.ts'
import { findFreePort } from './lab/free-port.ts'

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

export interface Entrepot {
  readonly url: string
  readonly port: number
  /** The data folder. */
  readonly data: string
  readRequests(): Promise<readonly ServedRequest[]>
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/**
 * Starts the server as its users do, as a process of its own, and waits until it is ready. All it
 * writes goes into `folder`, what it prints to entrepot.log there; started there again, it has the
 * same data. `config` is mirrors.yaml without `listen` and `data`.
 */
export const startEntrepot = async (folder: string, config: object): Promise<Entrepot> => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const data = join(folder, 'data')
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'mirrors.yaml')
  await writeFile(configFile, stringify({ listen: `127.0.0.1:${port}`, data, ...config }))

  const command = [process.execPath, main, 'serve', '--config', configFile]
  const started = startProcess(command, join(folder, 'entrepot.log'))
  await waitUntilReady(started, () => isReady(url))
  return { url, port, data, readRequests: () => readRequests(started.logFile), stop: started.stop }
}

const isReady = async (url: string): Promise<boolean> => {
  try {
    const { statusCode, body } = await request(`${url}/readyz`)
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}

const readRequests = async (logFile: string): Promise<readonly ServedRequest[]> => {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line !== '')
  const entries = lines.map((line) => JSON.parse(line) as Partial<ServedRequest>)
  return entries.filter((entry): entry is ServedRequest => entry.method !== undefined)
}
