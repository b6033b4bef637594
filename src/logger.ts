import { type Logger, pino } from 'pino'

/** Lines are gathered up to so many bytes, or for so long: a write each would cost a busy server a third of its time. */
const gatherBytes = 8 * 1024
const gatherMs = 100

export type Log = {
  readonly logger: Logger
  /** Writes JSON lines that another thread's logger has finished, as if they were this one's. */
  readonly writeLines: (lines: string) => void
}

/** For the main thread: JSON lines for programs, plain coloured ones on a terminal. */
export async function createLog(level: string): Promise<Log> {
  const stream = process.stdout.isTTY ? await openTerminal() : openOutput()
  const logger = pino({ level, base: null }, stream)
  return { logger, writeLines: (lines) => void stream.write(lines) }
}

async function openTerminal() {
  const { default: pretty } = await import('pino-pretty')
  return pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
}

/** What is gathered when the process ends is written then, unless it is killed. */
function openOutput() {
  const gathering = { minLength: gatherBytes, periodicFlush: gatherMs }
  return pino.destination({ dest: 1, sync: false, ...gathering })
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
