import type { ReportOptions } from './report-options.ts'
import { formatTime, summarize } from './report-summary.ts'
import { type TextTable, tablesOf } from './report-tables.ts'
import { askWeekly, type Weekly } from './report-weekly.ts'
import { toPlainLine } from './table.ts'

/** The report of a week as Markdown, with tables as GitHub and others take them. */
export async function writeMarkdownReport(options: ReportOptions): Promise<string> {
  return formatMarkdownReport(await askWeekly(options))
}

export function formatMarkdownReport(weekly: Weekly): string {
  const { days } = weekly
  const period = `${formatTime(days.since)} to ${formatTime(days.until)} UTC`
  return [
    `# What the mirror did: ${period}\n`,
    summarize(days)
      .map((line) => `- ${escapeMarkdown(line)}\n`)
      .join(''),
    ...tablesOf(weekly).map(section),
  ].join('\n')
}

function section({ title, headings, rows, nameCount }: TextTable): string {
  const rule = headings.map((_, column) => (column < nameCount ? '---' : '---:'))
  const lines = [headings, rule, ...rows.map((row) => row.map(escapeMarkdown))]
  return `## ${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}`
}

/** CommonMark 2.4; and what GitHub makes a link of by itself. */
const meaningful = /[\\`*_{}[\]<>#+!|~&$@]|:(?=\/\/)|(?<=www)\./gi

/** Names are anybody's: each character that could mean something is written as itself. */
function escapeMarkdown(text: string): string {
  return toPlainLine(text).replace(meaningful, '\\$&')
}
