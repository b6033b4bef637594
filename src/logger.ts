import { type Logger, pino } from 'pino'

/** Lines are gathered up to so many bytes, or for so long: a write each would cost a busy server a third of its time. */
const gatherBytes = 8 * 1024
const gatherMs = 100

/** JSON lines for programs, plain coloured ones on a terminal. */
export async function createLogger(level: string): Promise<Logger> {
  const isTerminal = process.stdout.isTTY
  if (!isTerminal) return pino({ level, base: null }, openOutput())
  const { default: pretty } = await import('pino-pretty')
  const stream = pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
  return pino({ level, base: null }, stream)
}

/** What is gathered when the process ends is written then, unless it is killed. */
function openOutput() {
  const gathering = { minLength: gatherBytes, periodicFlush: gatherMs }
  return pino.destination({ dest: 1, sync: false, ...gathering })
}
