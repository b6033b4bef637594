import { BackupError, type Problem } from '../backup/backup-error.ts'
import { isLackOfRoom } from '../store/store-fault.ts'
import { CommandError } from './command-error.ts'

/** A backup with more wrong in it has them all on stderr. */
const mostInJson = 10_000
const redrawEveryMs = 200
const sayEveryMs = 10_000

/** What a long command prints while it runs: a line that moves on a terminal, elsewhere one now and then. */
export class BackupOutput {
  readonly #problems: Problem[] = []
  readonly #isTerminal = process.stderr.isTTY === true
  readonly #beganAt = performance.now()
  #saidAt = performance.now()
  #isDrawn = false

  get problems(): readonly Problem[] {
    return this.#problems
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#beganAt) / 100) / 10
  }

  tell(problem: Problem): void {
    if (this.#problems.length < mostInJson) this.#problems.push(problem)
    this.close()
    process.stderr.write(`${problem.digest} ${problem.what}\n`)
  }

  /** `line` is asked for only where it is printed. */
  progress(line: () => string): void {
    const now = performance.now()
    if (now - this.#saidAt < (this.#isTerminal ? redrawEveryMs : sayEveryMs)) return
    this.#saidAt = now
    if (!this.#isTerminal) {
      process.stderr.write(`${line()}\n`)
      return
    }
    process.stderr.write(`\r\x1b[K${line().slice(0, (process.stderr.columns ?? 80) - 1)}`)
    this.#isDrawn = true
  }

  /** Nothing half drawn is left. */
  close(): void {
    if (this.#isDrawn) process.stderr.write('\r\x1b[K')
    this.#isDrawn = false
  }
}

/** Throws CommandError for what a person can act on. */
export async function withOutput<T>(act: (output: BackupOutput) => Promise<T>): Promise<T> {
  const output = new BackupOutput()
  try {
    return await act(output)
  } catch (error) {
    if (error instanceof BackupError) throw new CommandError(error.message, { cause: error })
    if (isLackOfRoom(error)) throw new CommandError(noRoom(error), { cause: error })
    throw error
  } finally {
    output.close()
  }
}

function noRoom(error: unknown): string {
  const { message } = error as Error
  return `${message}: there is no room for what is written. Free some space and run it again: what is there by now is used`
}

export function countBlobs(count: number): string {
  return count === 1 ? '1 blob' : `${count} blobs`
}
