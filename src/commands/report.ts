import { askReport, type Format, type ReportOptions, readFormat } from './report-options.ts'
import { formatReportTable } from './report-table.ts'

/** On a terminal; files have all rows. */
const usualTop = '20'

/**
 * `entrepot report`: who pulled what, and what it saved. Throws CommandError for options that the server
 * doesn't take, and where it refuses.
 */
export async function report(options: ReportOptions): Promise<void> {
  process.stdout.write(await write(readFormat(options), options))
}

async function write(format: Format, options: ReportOptions): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(await askReport(options), null, 2)}\n`
    case 'csv': {
      const { formatReportCsv } = await import('../traffic/report-csv.ts')
      return formatReportCsv(await askReport(options))
    }
    case 'html': {
      const { writeHtmlReport } = await import('./report-html.ts')
      return writeHtmlReport(options)
    }
    case 'markdown': {
      const { writeMarkdownReport } = await import('./report-markdown.ts')
      return writeMarkdownReport(options)
    }
    case 'table':
      return writeTable(options)
  }
}

async function writeTable(options: ReportOptions): Promise<string> {
  const { isTTY, columns } = process.stdout
  if (!isTTY) return formatReportTable(await askReport(options), undefined)
  const top = options.top ?? (isByTime(options.by) ? undefined : usualTop)
  return formatReportTable(await askReport(options, { top }), columns)
}

/** A time that is missing would look like one in which nothing happened. */
function isByTime(by = ''): boolean {
  return /\b(?:hour|day)\b/.test(by)
}
