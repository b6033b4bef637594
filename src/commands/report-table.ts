import type { Report } from '../traffic/any-reports.ts'
import { toTextRows } from './report-columns.ts'
import { summarize } from './report-summary.ts'
import { cutMiddle } from './report-values.ts'
import { formatTable, toPlainLine } from './table.ts'

const gap = 2
/** A wider terminal has wider names; a narrower one breaks the lines. */
const narrowest = 80
const widest = 120
const shortestName = 8

/** A table, where there is anything to put into one, and beneath it what it comes to. Names are cut to the terminal's width, and elsewhere not at all. */
export function formatReportTable(report: Report, terminalWidth: number | undefined): string {
  const summary = summarize(report)
    .map((line) => `${line}\n`)
    .join('')
  const [headings = [], ...rows] = toTextRows(report)
  if (rows.length === 0) return summary
  const nameCount = report.by.length
  const plain = [headings.map((heading) => heading.toUpperCase()), ...rows].map((row) =>
    row.map(toPlainLine),
  )
  const cells = terminalWidth === undefined ? plain : cutNames(plain, nameCount, terminalWidth)
  const table = formatTable(cells, '', (column) => column >= nameCount)
  return `${table}\n${summary}`
}

type Cells = readonly (readonly string[])[]

function cutNames(cells: Cells, nameCount: number, terminalWidth: number): Cells {
  const width = Math.min(Math.max(terminalWidth, narrowest), widest)
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const names = widths.slice(0, nameCount)
  const others = widths.slice(nameCount).reduce((sum, length) => sum + length, 0)
  const room = width - others - gap * (widths.length - 1)
  // The widest gives way first.
  while (names.reduce((sum, length) => sum + length, 0) > room) {
    const longest = Math.max(...names)
    if (longest <= shortestName) break
    names[names.indexOf(longest)] = longest - 1
  }
  return cells.map((row) => row.map((cell, column) => cutMiddle(cell, names[column])))
}
