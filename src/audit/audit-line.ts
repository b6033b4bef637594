import type { NewAudit } from '../store/audit-records.ts'

/** What commands a terminal, or turns its text around, beside what JSON escapes by itself. */
const unsafe = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu

/** A record as one line of JSON, in the files and on the command line alike. */
export function formatAuditLine(record: NewAudit): string {
  const { at, lastAt, who, from, what, subject, result, times, detail } = record
  const until = lastAt > at ? toTime(lastAt) : undefined
  const line = { at: toTime(at), until, who, from, what, subject, result, times, detail }
  return `${JSON.stringify(line).replace(unsafe, toEscape)}\n`
}

function toEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

function toTime(at: number): string {
  return new Date(at).toISOString()
}
