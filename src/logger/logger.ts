import { isatty } from 'node:tty'
import { type Logger, pino } from 'pino'
import { gatherBytes, gatherMs, LogOutput } from './log-output.ts'

const standardOutput = 1
/** So long a reader that hangs holds up the end of the process. */
const closeWithinMs = 1_000

export type Log = {
  readonly logger: Logger
  /** Writes JSON lines that another thread's logger has finished, as if they were this one's. */
  readonly writeLines: (lines: string) => void
}

/** A log that must be closed, or its last lines may be missing. */
export type OwnLog = Log & { readonly close: () => Promise<void> }

/** For the main thread: JSON lines for programs, plain coloured ones on a terminal. */
export async function createLog(level: string): Promise<OwnLog> {
  return isatty(standardOutput) ? logToTerminal(level) : logToOutput(level)
}

async function logToTerminal(level: string): Promise<OwnLog> {
  const { default: pretty } = await import('pino-pretty')
  const stream = pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
  const logger = pino({ level, base: null }, stream)
  return { logger, writeLines: (lines) => void stream.write(lines), close: async () => {} }
}

function logToOutput(level: string): OwnLog {
  const output = new LogOutput(standardOutput, describeLoss)
  const logger = pino({ level, base: null }, output)
  const close = () => output.close(closeWithinMs)
  return { logger, writeLines: (lines) => output.write(lines), close }
}

function describeLoss(lines: number, why: string): string {
  let described = ''
  const write = (line: string) => {
    described = line
  }
  pino({ base: null }, { write }).warn({ lines }, `${lines} log lines are lost: ${why}`)
  return described
}

/**
 * For every other thread: lines are gathered and passed on together, to the one that writes. Several
 * writers would tear each other's lines in a pipe, which takes 4 KiB at once and no more.
 */
export function createGatheringLog(level: string, passOn: (lines: string) => void) {
  let gathered = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (gathered === '') return
    passOn(gathered)
    gathered = ''
  }
  const write = (line: string) => {
    gathered += line
    if (gathered.length >= gatherBytes) flush()
    else timer ??= setTimeout(flush, gatherMs).unref()
  }
  return { logger: pino({ level, base: null }, { write }), flush }
}
