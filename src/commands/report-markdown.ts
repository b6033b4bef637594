import type { Report } from '../traffic/any-reports.ts'
import { toTextRows } from './report-columns.ts'
import type { ReportOptions } from './report-options.ts'
import { formatTime, summarize } from './report-summary.ts'
import { askWeekly, type Weekly } from './report-weekly.ts'
import { toPlainLine } from './table.ts'

/** The report of a week as Markdown, with tables as GitHub and others take them. */
export async function writeMarkdownReport(options: ReportOptions): Promise<string> {
  return formatMarkdownReport(await askWeekly(options))
}

export function formatMarkdownReport({ days, images, upstreams, clients }: Weekly): string {
  const period = `${formatTime(days.since)} to ${formatTime(days.until)} UTC`
  return [
    `# What the mirror did: ${period}\n`,
    summarize(days)
      .map((line) => `- ${escapeMarkdown(line)}\n`)
      .join(''),
    section('Images', images),
    ...(clients ? [section('Clients', clients)] : []),
    section('Upstreams', upstreams),
    section('Days', days),
  ].join('\n')
}

function section(title: string, report: Report): string {
  const [headings = [], ...rows] = toTextRows(report)
  const nameCount = report.by.length
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
