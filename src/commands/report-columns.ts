import { formatBytes } from '../config/units.ts'
import type { Figures, Report, ReportRow } from '../traffic/any-reports.ts'
import { formatCount, formatRatio, formatSaved } from './report-values.ts'

type Column = { readonly heading: string; readonly format: (figures: Figures) => string }

const requests: Column = { heading: 'Requests', format: (row) => formatCount(row.requests) }
const errors: Column = { heading: 'Errors', format: (row) => formatCount(row.errors) }
const columns: readonly Column[] = [
  { heading: 'Pulls', format: (row) => formatCount(row.pulls) },
  { heading: 'Cache', format: (row) => formatRatio(row.byteHitRatio) },
  { heading: 'Served', format: (row) => formatBytes(row.servedBytes) },
  { heading: 'Fetched', format: (row) => (isMirrored(row) ? formatBytes(row.fetchedBytes) : '-') },
  { heading: 'Saved', format: (row) => (isMirrored(row) ? formatSaved(row.savedBytes) : '-') },
]

/** A report as rows of texts, of which the first has the headings: names first, then figures. */
export function toTextRows(report: Report): readonly (readonly string[])[] {
  const { by, rows, others } = report
  // With outcomes a row's requests have all failed, or none of them has.
  const figures = [...columns, by.includes('outcome') ? requests : errors]
  const headings = [...by.map(capitalize), ...figures.map(({ heading }) => heading)]
  const texts = rows.map((row) => [
    ...by.map((dimension) => nameIn(row, dimension)),
    ...figures.map(({ format }) => format(row)),
  ])
  if (others === undefined) return [headings, ...texts]
  const names = by.map((_, index) => (index === 0 ? `${formatCount(others.rows)} more` : ''))
  return [headings, ...texts, [...names, ...figures.map(({ format }) => format(others))]]
}

function nameIn(row: ReportRow, dimension: Report['by'][number]): string {
  return row[dimension] || '(none)'
}

function isMirrored({ cachedBytes, upstreamBytes, fetchedBytes }: Figures): boolean {
  return cachedBytes + upstreamBytes + fetchedBytes > 0
}

function capitalize(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
