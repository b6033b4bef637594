import { parseDuration } from './units.ts'
import { ValueError } from './value-error.ts'

const wanted =
  'how long ago, such as 7d or 12h, a time such as 2026-11-22 or 2026-11-22T08:00Z (UTC), or milliseconds since 1970'

/** Milliseconds since 1970. Throws ValueError. */
export function parsePastTime(text: string, now: number): number {
  // A few digits are rather a duration whose unit is missing.
  if (/^\d{12,15}$/.test(text)) return Number(text)
  const time = readIsoTime(text)
  if (!Number.isNaN(time)) return time
  try {
    return now - parseDuration(text)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new ValueError(text, wanted)
  }
}

/** As days and hours are counted, in UTC where no zone is named; NaN for what isn't ISO 8601. */
function readIsoTime(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return Number.NaN
  const isZoned = /^\d{4}-\d{2}-\d{2}$|(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)
  return Date.parse(isZoned ? text : `${text}Z`)
}
