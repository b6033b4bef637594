import type { Report } from '../traffic/any-reports.ts'
import { toTextRows } from './report-columns.ts'
import type { Weekly } from './report-weekly.ts'

/** As the page and the Markdown have it. */
export type TextTable = {
  readonly title: string
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The columns after these have figures. */
  readonly nameCount: number
}

const limitHeadings = ['Upstream', 'Account', 'Remaining', 'Forecast']

export function tablesOf({
  days,
  images,
  upstreams,
  clients,
  limits,
}: Weekly): readonly TextTable[] {
  const { length: nameCount } = limitHeadings
  const title = 'Limits of upstreams, when this was written'
  return [
    toTable('Images', images),
    ...(clients ? [toTable('Clients', clients)] : []),
    toTable('Upstreams', upstreams),
    ...(limits.length > 0 ? [{ title, headings: limitHeadings, rows: limits, nameCount }] : []),
    toTable('Days', days),
  ]
}

function toTable(title: string, report: Report): TextTable {
  const [headings = [], ...rows] = toTextRows(report)
  return { title, headings, rows, nameCount: report.by.length }
}
