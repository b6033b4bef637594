import { formatBytes } from '../config/units.ts'
import type { Totals } from '../traffic/any-reports.ts'
import { Markup, markup } from './markup.ts'
import { drawDays, drawShares, drawTop } from './report-charts.ts'
import type { ReportOptions } from './report-options.ts'
import { style } from './report-style.ts'
import { formatTime, summarize } from './report-summary.ts'
import { type TextTable, tablesOf } from './report-tables.ts'
import { formatCount, formatMoney, formatRatio, formatSaved, formatSpan } from './report-values.ts'
import { askWeekly, type Weekly } from './report-weekly.ts'
import { toPlainLine } from './table.ts'

/** Nothing is loaded from anywhere, and nothing runs: names in it are anybody's. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** The report of a week as one file, for a mail or a browser, that needs nothing else. */
export async function writeHtmlReport(options: ReportOptions): Promise<string> {
  return formatHtmlReport(await askWeekly(options))
}

export function formatHtmlReport(weekly: Weekly): string {
  const { days } = weekly
  const period = `${formatTime(days.since)} to ${formatTime(days.until)} UTC`
  const isEmpty = days.totals.servedBytes === 0
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>What the mirror did, ${period}</title>
<style>
${new Markup(style)}
</style>
</head>
<body>
<main>
<h1>What the mirror did</h1>
<p class="muted">${period}</p>
<div class="tiles">${tilesOf(days.totals)}</div>
<ul>${summarize(days).map((line) => markup`<li>${line}</li>`)}</ul>
${isEmpty ? undefined : charts(weekly)}
${tablesOf(weekly).map(table)}
</main>
</body>
</html>
`
  return page.text
}

function tilesOf(totals: Totals): readonly Markup[] {
  const { pulls, byteHitRatio, pullHitRatio, savedBytes, savedMs, money, dockerHub } = totals
  const isTimed = savedMs !== undefined && savedMs >= 1_000
  const worth = [
    ...(money ? [`worth ${formatMoney(money.amount, money.currency)}`] : []),
    ...(isTimed ? [`about ${formatSpan(savedMs)} less to wait`] : []),
  ]
  return [
    tile('Pulls', formatCount(pulls), `${formatBytes(totals.servedBytes)} served`),
    tile(
      'From the cache',
      formatRatio(byteHitRatio),
      `of the bytes; ${formatRatio(pullHitRatio)} of the pulls`,
    ),
    tile('Not fetched again', formatSaved(savedBytes), worth.join('; ')),
    tile(
      'Docker Hub pulls avoided',
      formatCount(dockerHub.avoided),
      `${formatCount(dockerHub.counted)} counted`,
    ),
  ]
}

function tile(title: string, value: string, note: string): Markup {
  return markup`<section class="tile"><h2>${title}</h2><p class="value">${value}</p><p class="muted">${note}</p></section>`
}

function charts({ days, images, clients }: Weekly): readonly Markup[] {
  return [
    chart('Served each day', 'Bytes served each day, by where they came from', drawDays(days)),
    chart('From the cache each day', 'Share that came from the cache each day', drawShares(days)),
    chart('Images', 'The images of which most was served', drawTop(images)),
    ...(clients
      ? [chart('Clients', 'The clients to which most was served', drawTop(clients))]
      : []),
  ]
}

/** The tables beneath say the same. */
function chart(title: string, description: string, svg: string): Markup {
  return markup`<section class="card"><h2>${title}</h2><div role="img" aria-label="${description}">${new Markup(svg)}</div></section>`
}

function table({ title, headings, rows, nameCount }: TextTable): Markup {
  const classOf = (column: number) => (column < nameCount ? 'name' : 'number')
  const head = headings.map(
    (text, column) => markup`<th scope="col" class="${classOf(column)}">${text}</th>`,
  )
  const body = rows.map((row) => {
    const cells = row.map((text, column) => cell(text, classOf(column)))
    return markup`<tr>${cells}</tr>\n`
  })
  return markup`<section class="card"><h2>${title}</h2><div class="wide"><table><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div></section>
`
}

/** A name that is written from right to left turns nothing around it. */
function cell(text: string, className: string): Markup {
  return markup`<td class="${className}"><bdi>${toPlainLine(text)}</bdi></td>`
}
