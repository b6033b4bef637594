import { parseDuration } from '../config/units.ts'
import { ValueError } from '../config/value-error.ts'
import { type AuditQuery, auditActions, auditResults } from '../store/audit-records.ts'
import { CommandError } from './command-error.ts'

/** As they are written on the command line. */
export type AuditOptions = {
  readonly since?: string
  readonly until?: string
  readonly who?: string
  readonly what?: string
  readonly from?: string
  readonly result?: string
  readonly limit?: string
}

/** Throws CommandError. */
export function readAuditOptions(
  { since, until, who, what, from, result, limit }: AuditOptions,
  now: number,
): { readonly query: AuditQuery; readonly limit: number | undefined } {
  const query: AuditQuery = {
    since: since === undefined ? undefined : readTime('--since', since, now),
    until: until === undefined ? undefined : readTime('--until', until, now),
    who,
    from,
    what: what?.split(',').map((action) => readOneOf('--what', action.trim(), auditActions)),
    result: result === undefined ? undefined : readOneOf('--result', result, auditResults),
  }
  return { query, limit: limit === undefined ? undefined : readLimit(limit) }
}

/** `7d` before now, or a time as ISO 8601 has it: local without a zone, and midnight without a time. */
function readTime(option: string, text: string, now: number): number {
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text)
    if (!Number.isNaN(time)) return time
  }
  try {
    return now - parseDuration(text)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    const what = `${option} ${JSON.stringify(text)}: wanted how long ago, such as 7d or 12h, or a time such as 2026-11-22T08:00`
    throw new CommandError(what, { isUsage: true, cause: error })
  }
}

function readOneOf<Known extends string>(
  option: string,
  text: string,
  known: readonly Known[],
): Known {
  const found = known.find((each) => each === text)
  if (found !== undefined) return found
  const what = `${option} ${JSON.stringify(text)}: wanted ${known.join(', ')}`
  throw new CommandError(what, { isUsage: true })
}

function readLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  const what = `--limit ${JSON.stringify(text)}: wanted a number such as 100`
  throw new CommandError(what, { isUsage: true })
}
