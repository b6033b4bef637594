import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { builtMain } from './built-program.ts'
import { makeFolder } from './start-mirrored.ts'
import type { Settings, StartedServer } from './start-server.ts'

export interface EndedCommand {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `entrepot` as people do, to its end. */
export const runCommand = (...args: readonly string[]): Promise<EndedCommand> => runFed('', ...args)

/** The same, with this on its standard input. */
export const runFed = async (input: string, ...args: readonly string[]): Promise<EndedCommand> => {
  const child = spawn(process.execPath, [builtMain, ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  // A command that reads nothing may have ended before.
  child.stdin.on('error', () => {}).end(input)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output }
}

/** The same, as whoever operates that server: with a configuration that describes it. */
export const operate = async (
  { port, data }: Pick<StartedServer, 'port' | 'data'>,
  ...args: readonly string[]
): Promise<EndedCommand> => {
  const config = await writeMirrors({ listen: `127.0.0.1:${port}`, data })
  return runCommand(...args, '--config', config)
}

/** A mirrors.yaml that says this, until the test ends. */
export const writeMirrors = async (settings: Settings): Promise<string> => {
  const folder = await makeFolder()
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'mirrors.yaml')
  await writeFile(file, stringify(settings))
  return file
}
