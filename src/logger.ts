import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** JSON lines for programs, plain coloured ones on a terminal. */
export function createLogger(level: string): Logger {
  const isTerminal = process.stdout.isTTY
  if (!isTerminal) return pino({ level, base: null })
  const stream = pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
  return pino({ level, base: null }, stream)
}
