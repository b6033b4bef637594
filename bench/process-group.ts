import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { answersOk, waitUntil } from './wait.ts'

// So a start-up time is known to a hundredth, and looking takes next to nothing from what starts.
const readyPollMs = (elapsedMs: number) => Math.max(2, elapsedMs / 100)
const startTimeoutMs = 30_000
const stopTimeoutMs = 10_000
const logTailLength = 2000

export interface ProcessCommand {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  /** Where its output goes: to a file and not to us, so that reading it costs the bench nothing. */
  readonly logFile: string
}

/** Starts a server and resolves once the address answers 200; on failure it is gone again. */
export const startProcessGroup = async (
  command: ProcessCommand,
  readyUrl: string,
  signal: AbortSignal,
): Promise<ProcessGroup> => {
  const group = new ProcessGroup(command)
  try {
    await group.waitUntilReady(readyUrl, signal)
    return group
  } catch (cause) {
    await group[Symbol.asyncDispose]()
    throw cause
  }
}

/**
 * A server with all the processes it starts, in a process group of their own: a Ctrl-C of the
 * terminal reaches only the bench, which then stops them in order. None outlives the bench.
 */
export class ProcessGroup implements AsyncDisposable {
  readonly #command: ProcessCommand
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #killOnExit = () => this.#signal('SIGKILL')
  readonly #spawnedAt = performance.now()
  #readyAfterMs: number | undefined

  constructor(command: ProcessCommand) {
    const log = openSync(command.logFile, 'a')
    this.#command = command
    this.#child = spawn(command.program, command.args, {
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    this.#ended = once(this.#child, 'exit').catch(() => undefined)
    process.once('exit', this.#killOnExit)
  }

  /** The id of the group, and of its first process. */
  get id(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error(`${this.#command.name} could not be started`)
    return pid
  }

  /** From before it was spawned to its first answer of 200. */
  get readyAfterMs(): number {
    if (this.#readyAfterMs === undefined) throw new Error(`${this.#command.name} isn't ready`)
    return this.#readyAfterMs
  }

  /** Resolves once the address answers 200; throws with the end of the log when that fails. */
  async waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
    const { name } = this.#command
    try {
      await waitUntil(
        async () => {
          if (this.#hasEnded()) throw new Error(`${name} ended before it was ready`)
          return answersOk(url)
        },
        { what: `${name} to answer`, timeoutMs: startTimeoutMs, pollMs: readyPollMs, signal },
      )
      this.#readyAfterMs = performance.now() - this.#spawnedAt
    } catch (cause) {
      if (signal.aborted) throw cause
      throw new Error(`${name} did not start; the end of its log:\n${await this.readLogTail()}`, {
        cause,
      })
    }
  }

  /** The end of what it printed, for the message when something went wrong. */
  async readLogTail(): Promise<string> {
    return (await readFile(this.#command.logFile, 'utf8')).slice(-logTailLength)
  }

  /** Asks it to stop, and kills what is left after ten seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded()) {
      this.#child.kill('SIGTERM')
      const timer = new AbortController()
      const late = sleep(stopTimeoutMs, 'late', { signal: timer.signal }).catch(() => undefined)
      if ((await Promise.race([this.#ended, late])) === 'late')
        process.stderr.write(`${this.#command.name} ignored SIGTERM and was killed\n`)
      timer.abort()
    }
    this.#signal('SIGKILL')
    await this.#ended
    process.removeListener('exit', this.#killOnExit)
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child
    return pid === undefined || exitCode !== null || signalCode !== null
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // ESRCH: the whole group is gone, which is what was wanted.
    }
  }
}
