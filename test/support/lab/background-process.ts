import { execFile, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface BackgroundProcess {
  readonly pid: number
  /** Holds what the process writes to its two outputs. */
  readonly logFile: string
  isRunning(): boolean
  /** Asks the process to end, insists after ten seconds, and returns when it has ended. */
  stop(): Promise<void>
  /** Ends the process as a power failure would, and returns when it has ended. */
  kill(): Promise<void>
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** What it reads from its standard input. */
  readonly input?: string
}

const patienceMs = 10_000
const pollMs = 20

// A daemon doesn't outlive a test run that is killed, where util-linux can see to that.
const setpriv = '/usr/bin/setpriv'
const untilWeEnd = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'TERM', '--'] : []

export const startProcess = (
  command: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): BackgroundProcess => {
  const [program = '', ...parameters] = [...untilWeEnd, ...command]
  const log = openSync(logFile, 'a')
  const stdio: StdioOptions = ['ignore', log, log]
  const child = spawn(program, parameters, { stdio, env: { ...process.env, ...env } })
  closeSync(log)
  // A program that can't be started shows as one that isn't running.
  const exited = once(child, 'exit').catch(() => {})
  const isRunning = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null
  const stop = async () => {
    if (!isRunning()) return
    child.kill('SIGTERM')
    const isDone = await Promise.race([exited.then(() => true), delay(patienceMs, false)])
    if (!isDone) child.kill('SIGKILL')
    await exited
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  return { pid: child.pid ?? -1, logFile, isRunning, stop, kill }
}

/** Waits until `isReady` says so; throws at once when the process ends before that. */
export const waitUntilReady = async (
  started: BackgroundProcess,
  isReady: () => Promise<boolean>,
): Promise<void> => {
  await waitUntil(`${started.logFile} reports a ready process`, async () => {
    if (!started.isRunning()) throw new Error(`it ended at once, see ${started.logFile}`)
    return isReady()
  })
}

/** Asks again and again until the answer is yes; throws, naming `what`, when it takes too long. */
export const waitUntil = async (
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = 2 * patienceMs,
): Promise<void> => {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await delay(pollMs)
  }
}

/** Runs a command to its end, whatever its exit code. */
export const runCommand = (
  command: readonly string[],
  { env = {}, timeoutMs = 120_000, input }: CommandOptions = {},
): Promise<CommandResult> =>
  new Promise((resolve) => {
    const [program = '', ...parameters] = command
    const options = { env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: 2 ** 26 }
    const child = execFile(program, parameters, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ exitCode, stdout, stderr: exitCode === -1 ? `${stderr}${error?.message}` : stderr })
    })
    if (input !== undefined) child.stdin?.end(input)
  })

/** Runs a command and returns what it printed; throws when it fails. */
export const runToSuccess = async (
  command: readonly string[],
  options: CommandOptions = {},
): Promise<string> => {
  const { exitCode, stdout, stderr } = await runCommand(command, options)
  if (exitCode === 0) return stdout
  throw new Error(`${command.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`)
}
