import { stringify } from 'csv-stringify/sync'
import type { Figures, Report } from './any-reports.ts'
import { mapInTurns } from './in-turns.ts'

type Column = { readonly header: string; readonly read: (figures: Figures) => number | undefined }

const columns: readonly Column[] = [
  { header: 'requests', read: ({ requests }) => requests },
  { header: 'pulls', read: ({ pulls }) => pulls },
  { header: 'mirrored_pulls', read: ({ mirroredPulls }) => mirroredPulls },
  { header: 'cached_pulls', read: ({ cachedPulls }) => cachedPulls },
  { header: 'served_bytes', read: ({ servedBytes }) => servedBytes },
  { header: 'cached_bytes', read: ({ cachedBytes }) => cachedBytes },
  { header: 'upstream_bytes', read: ({ upstreamBytes }) => upstreamBytes },
  { header: 'hosted_bytes', read: ({ hostedBytes }) => hostedBytes },
  { header: 'fetched_bytes', read: ({ fetchedBytes }) => fetchedBytes },
  { header: 'saved_bytes', read: ({ savedBytes }) => savedBytes },
  { header: 'pull_hit_ratio', read: ({ pullHitRatio }) => pullHitRatio },
  { header: 'byte_hit_ratio', read: ({ byteHitRatio }) => byteHitRatio },
  { header: 'errors', read: ({ errors }) => errors },
  { header: 'broken', read: ({ broken }) => broken },
]
/** Of the rows beyond `top`; nothing else is called so. */
const restName = '(rest)'

/**
 * RFC 4180, with a header. A name that a spreadsheet would take for a formula has a ' in front: names of clients
 * and users are anybody's.
 */
export async function formatReportCsv({ by, rows, others }: Report): Promise<string> {
  const header = [...by, ...columns.map((column) => column.header)]
  const lines = await mapInTurns(rows, (row) =>
    toLine([
      ...by.map((dimension) => toPlain(row[dimension] ?? '')),
      ...columns.map(({ read }) => read(row)),
    ]),
  )
  const rest = others && [
    ...by.map((_, index) => (index === 0 ? restName : '')),
    ...columns.map(({ read }) => read(others)),
  ]
  return [toLine(header), ...lines, ...(rest ? [toLine(rest)] : [])].join('')
}

function toLine(cells: readonly (string | number | undefined)[]): string {
  return stringify([[...cells]], { escape_formulas: true, record_delimiter: 'windows' })
}

/** A line, also on a terminal; what hides before a = in a cell isn't there any more. */
function toPlain(name: string): string {
  return name.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
}
