import { systemClock } from '../clock.ts'
import type { Report } from '../traffic/any-reports.ts'
import { CommandError } from './command-error.ts'
import { askLimits, type LimitRow } from './report-limits.ts'
import { askReport, type ReportOptions } from './report-options.ts'
import { ServerRefusal } from './server-client.ts'

/** What the page and the Markdown consist of. */
export type Weekly = {
  readonly days: Report
  readonly images: Report
  readonly upstreams: Report
  /** Undefined where whoever asks may not know who pulled. */
  readonly clients: Report | undefined
  readonly limits: readonly LimitRow[]
}

const usualTop = '15'
const weekMs = 7 * 86_400_000
/** Of whoever isn't let in. */
const refusals: readonly number[] = [401, 403]

/** Throws CommandError where `by` is said: its parts are what they are. */
export async function askWeekly(options: ReportOptions): Promise<Weekly> {
  if (options.by !== undefined) {
    const what = '--html and --markdown have their own tables: leave --by out, or print a table'
    throw new CommandError(what, { isUsage: true })
  }
  const { top = usualTop } = options
  // One after the other: the server makes few at once, and others may want one.
  const { since = startOfWeek() } = options
  const days = await askReport({ ...options, since }, { by: 'day', top: '0' })
  // All of the same time, whatever passes meanwhile.
  const same = { ...options, since: atMs(days.since), until: atMs(days.until) }
  return {
    days,
    images: await askReport(same, { by: 'image', top }),
    upstreams: await askReport(same, { by: 'upstream', top }),
    clients: await askClients(same, top),
    limits: await askLimits(options, systemClock.now()),
  }
}

async function askClients(options: ReportOptions, top: string): Promise<Report | undefined> {
  try {
    return await askReport(options, { by: 'client', top })
  } catch (error) {
    if (error instanceof ServerRefusal && refusals.includes(error.status)) return undefined
    throw error
  }
}

/** Whole days, that its chart has no other to begin with, and today's so far. */
function startOfWeek(): string {
  return new Date(systemClock.now() - weekMs).toISOString().slice(0, 10)
}

function atMs(iso: string): string {
  return String(Date.parse(iso))
}
