import { expect, test } from 'vitest'
import { formatHtmlReport } from '../../../src/commands/report-html.ts'
import { formatMarkdownReport } from '../../../src/commands/report-markdown.ts'
import { summarize } from '../../../src/commands/report-summary.ts'
import { formatReportTable } from '../../../src/commands/report-table.ts'
import {
  formatMoney,
  formatMs,
  formatRatio,
  formatSaved,
  formatSpan,
} from '../../../src/commands/report-values.ts'
import type { LedgerDimension, LedgerSum } from '../../../src/store/ledger-records.ts'
import type { Report } from '../../../src/traffic/any-reports.ts'
import { makeReport } from '../../../src/traffic/report-making.ts'
import { sumOf } from '../../support/ledger-sums.ts'

const since = Date.parse('2026-11-15T12:00:00Z')
const until = Date.parse('2026-11-18T13:00:00Z')
const hostile = `<script>alert("1")</script>'&\u202e|[x](http://evil)\u001b[2J`

const sum = (key: Partial<LedgerSum>, servedBytes = 3 * 2 ** 30): LedgerSum =>
  sumOf({
    upstream: 'docker.io',
    repository: 'library/node',
    tag: '20',
    client: 'ci',
    outcome: 'hit',
    at: since - 12 * 3_600_000,
    ...key,
    counters: { tagRequests: 2_000, pulls: 2_000, servedBytes, blobMs: 60_000, took1: 2_000 },
  })
const sums = [
  sum({}),
  sum({ client: hostile, repository: 'team/a', at: since + 2 * 86_400_000 }, 2 ** 20),
  sum({ upstream: '', repository: 'team/own', outcome: 'hosted' }, 1_000),
  sumOf({
    upstream: 'docker.io',
    repository: 'library/node',
    tag: '20',
    client: 'ci',
    outcome: 'miss',
    at: since,
    counters: { fetchedBytes: 2 ** 30, fetchMs: 300_000, upstreamPulls: 3, broken: 1 },
  }),
  sumOf({
    upstream: 'docker.io',
    outcome: 'unavailable',
    client: 'ci',
    at: since,
    counters: { tagRequests: 4, took3: 4 },
  }),
]
const make = (
  by: readonly LedgerDimension[],
  { of = sums, top = 100 }: { readonly of?: readonly LedgerSum[]; readonly top?: number } = {},
): Promise<Report> => {
  const request = { by, top, since, until, where: {} }
  const price = { amount: 0.09, currency: 'USD' }
  return makeReport({ since, until, sums: of }, { request, price, isVisible: () => true })
}
const weekly = async (of = sums) => ({
  days: await make(['day'], { of }),
  images: await make(['image'], { of }),
  upstreams: await make(['upstream'], { of }),
  clients: await make(['client'], { of }),
  limits: [],
})

/** Nothing but line breaks of what a terminal obeys, or what turns a text around. */
const expectQuiet = (text: string) =>
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)

test('the summary says in words what came of it', async () => {
  expect(summarize(await make(['image']))).toEqual([
    'From 2026-11-15 12:00 to 2026-11-18 13:00 UTC: 6,000 pulls of images, in 6,004 requests.',
    '3.0 GiB went out to clients, 1.0 KiB of them of your own images; 1.0 GiB came in from upstreams.',
    "Saved: 2.0 GiB that didn't have to be fetched again.",
    'That is worth 0.19 USD, at 0.09 USD per GB.',
    'Clients waited about 8 minutes less, added up, by the speeds measured here and upstream.',
    'From the cache: 100 % of the bytes and 100 % of the pulls of mirrored images.',
    'Docker Hub counted 3 pulls for 4,000 here: 3,997 avoided.',
    '4 requests got an error: 4 unavailable.',
    '1 answer broke off before the end.',
    'Half of the answers took less than 15 ms, 95 % less than 24 ms.',
  ])
  expect(summarize(await make(['image'], { of: [] }))).toEqual([
    'From 2026-11-15 12:00 to 2026-11-18 13:00 UTC nothing was pulled.',
  ])
})

test('a table is aligned, cut to the terminal, and commands none', async () => {
  const report = await make(['client', 'image'])
  const wide = formatReportTable(report, undefined)
  const lines = formatReportTable(report, 80).split('\n')
  const [heading = '', first = ''] = lines
  expect(heading).toMatch(/^CLIENT +IMAGE +PULLS +CACHE +SERVED +FETCHED +SAVED +ERRORS$/)
  expect(first).toMatch(/^ci +dock…ry\/node:20 +2,000 +100 % +3\.0 GiB +1\.0 GiB +2\.0 GiB +0$/)
  for (const line of lines.slice(0, 5)) expect(line.length).toBeLessThanOrEqual(80)
  expect(wide).toContain(`<script>alert("1")</script>'& |[x](http://evil) [2J  docker.io/team/a`)
  expectQuiet(wide)
  const own = wide.split('\n').find((line) => line.includes('team/own'))
  expect(own).toMatch(/team\/own:20 +2,000 +- +1\.0 KiB +- +- +0$/)
})

test('rows beyond the top are one row, and what has no name is said to have none', async () => {
  const table = formatReportTable(await make(['repository'], { top: 1 }), undefined)
  expect(table.split('\n')[2]).toMatch(/^3 more +4,000/)
  const bare = sumOf({ outcome: 'hit', counters: { servedBytes: 1 } })
  expect(formatReportTable(await make(['image'], { of: [bare] }), undefined)).toMatch(/^\(none\)/m)
})

test('a report of nothing is no table', async () => {
  const nothing = formatReportTable(await make(['image'], { of: [] }), undefined)
  expect(nothing).toBe('From 2026-11-15 12:00 to 2026-11-18 13:00 UTC nothing was pulled.\n')
})

test('the page has charts and tables, runs nothing and loads nothing', async () => {
  const page = formatHtmlReport(await weekly())
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline';`)
  expect(page.match(/<svg /g)).toHaveLength(4)
  expect(page).not.toMatch(
    /<script|<link|<img|<iframe|<a |javascript:|\son\w+=|url\((?!#)|@import/i,
  )
  const addresses = page.match(/\bhttps?:[^\s"<]*/g) ?? []
  expect(new Set(addresses.filter((it) => !it.startsWith('http://www.w3.org/')))).toEqual(
    new Set(['http://evil)']),
  )
  expectQuiet(page)
  expect(page).toContain(
    '<bdi>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp; |[x](http://evil) [2J</bdi>',
  )
  // In a chart, too.
  expect(page).toMatch(/<text[^>]*>&lt;script&gt;alert/)
})

test('the page is painted for the night as for the day', async () => {
  const page = formatHtmlReport(await weekly())
  const style = page.slice(page.indexOf('<style>'), page.indexOf('</style>'))
  const charts = page.slice(page.indexOf('</style>'))
  expect(style).toContain('@media (prefers-color-scheme: dark)')
  const painted = new Set(charts.match(/(?:fill|stroke)="#[0-9a-f]{3,8}"/gi))
  // Of lines, which have no inside, and of what others are cut to.
  painted.delete('fill="#000"')
  expect(painted.size).toBeGreaterThan(4)
  for (const each of painted) expect(style).toContain(`svg [${each}]`)
  expect(charts).toContain('fill="#0B3F7A"')
})

test('a day on which nothing happened is in the chart', async () => {
  const page = formatHtmlReport(await weekly())
  for (const day of ['11-15', '11-16', '11-17', '11-18']) expect(page).toContain(`>${day}</text>`)
})

test('a page of nothing has no charts, and one without clients says nothing of them', async () => {
  const empty = formatHtmlReport(await weekly([]))
  expect(empty).not.toContain('<svg')
  expect(empty).toContain('nothing was pulled')
  const page = formatHtmlReport({ ...(await weekly()), clients: undefined })
  expect(page.match(/<svg /g)).toHaveLength(3)
  expect(page).not.toContain('<h2>Clients</h2>')
})

test('what upstreams let through is told where they said so', async () => {
  const limits = [['docker.io', 'ci<b>', '24 of 100', 'enough']] as const
  const weeks = { ...(await weekly()), limits }
  const row =
    '<td class="name"><bdi>ci&lt;b&gt;</bdi></td><td class="name"><bdi>24 of 100</bdi></td>'
  expect(formatHtmlReport(weeks)).toContain(row)
  expect(formatMarkdownReport(weeks)).toContain('| docker.io | ci\\<b\\> | 24 of 100 | enough |')
  expect(formatHtmlReport(await weekly())).not.toContain('Limits of')
})

test('Markdown has the same tables, in which names mean nothing', async () => {
  const text = formatMarkdownReport(await weekly())
  expect(text).toMatch(/^# What the mirror did: 2026-11-15 12:00 to 2026-11-18 13:00 UTC\n\n- From/)
  expect(text).toContain(
    '| Image | Pulls | Cache | Served | Fetched | Saved | Errors |\n| --- | ---: |',
  )
  expect(text).toContain(
    `| \\<script\\>alert("1")\\</script\\>'\\& \\|\\[x\\](http\\://evil) \\[2J | 2,000 |`,
  )
  expectQuiet(text)
})

test.each([
  [formatSaved(-5 * 2 ** 30), '-5.0 GiB'],
  [formatRatio(0.9999), '99.9 %'],
  [formatRatio(1), '100 %'],
  [formatRatio(0.504), '50 %'],
  [formatRatio(undefined), '-'],
  [formatSpan(1_000), '1 second'],
  [formatSpan(119_000), '119 seconds'],
  [formatSpan(41 * 60_000), '41 minutes'],
  [formatSpan(3 * 3_600_000), '3 hours'],
  [formatSpan(49 * 3_600_000), '2 days'],
  [formatMs(0.2), '1 ms'],
  [formatMs(1_240), '1.2 s'],
  [formatMs(60_000), '60 s'],
  [formatMoney(1_234.5, 'USD'), '1,234.50 USD'],
  [formatMoney(0.001, 'EUR'), 'less than 0.01 EUR'],
  [formatMoney(-2, 'EUR'), '-2.00 EUR'],
])('%s is written %s', (written, wanted) => {
  expect(written).toBe(wanted)
})
