import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { locateProgram } from './programs.ts'

const run = promisify(execFile)
const script = join(import.meta.dirname, 'stalled-clients.pl')

export interface StalledClients {
  /** Plain HTTP, at 127.0.0.1. */
  readonly url: string
  readonly clients: number
  /** How long they stay once all of them are answered. */
  readonly seconds: number
  readonly signal: AbortSignal
}

/** Clients that ask for something and read only the head. Throws unless all were answered 200. */
export const runStalledClients = async (options: StalledClients): Promise<void> => {
  const { url, clients, seconds, signal } = options
  const { port, pathname } = new URL(url)
  const args = [script, port, pathname, `${clients}`, `${seconds}`]
  await run(await locateProgram('perl'), args, { signal, killSignal: 'SIGKILL' })
}
