import { expect, test } from 'vitest'
import type { Report } from '../../../src/traffic/any-reports.ts'
import { formatReportCsv } from '../../../src/traffic/report-csv.ts'
import { createTally, toFigures } from '../../../src/traffic/report-tally.ts'

const figures = toFigures(createTally())
const reportOf = (rows: readonly Record<string, unknown>[], others?: number): Report => ({
  since: '2026-11-15T00:00:00.000Z',
  until: '2026-11-22T00:00:00.000Z',
  by: ['client', 'image'],
  rows: rows.map((row) => ({ ...figures, ...row })),
  others: others === undefined ? undefined : { rows: others, ...figures },
  totals: { ...figures, errorsByKind: {}, dockerHub: { pulls: 0, counted: 0, avoided: 0 } },
})
const clientCells = async (...clients: readonly string[]) =>
  (await formatReportCsv(reportOf(clients.map((client) => ({ client, image: 'a' })))))
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.slice(0, line.lastIndexOf(',a,')))

test('it has a header, a line each, and figures as numbers', async () => {
  const csv = await formatReportCsv(
    reportOf(
      [
        {
          client: 'ci',
          image: 'docker.io/library/node:20',
          pulls: 3,
          servedBytes: 1_500_000,
          savedBytes: -500,
          byteHitRatio: 0.25,
        },
      ],
      2,
    ),
  )
  expect(csv.split('\r\n')).toEqual([
    'client,image,requests,pulls,mirrored_pulls,cached_pulls,served_bytes,cached_bytes,upstream_bytes,hosted_bytes,fetched_bytes,saved_bytes,pull_hit_ratio,byte_hit_ratio,errors,broken',
    'ci,docker.io/library/node:20,0,3,0,0,1500000,0,0,0,0,-500,,0.25,0,0',
    '(rest),,0,0,0,0,0,0,0,0,0,0,,,0,0',
    '',
  ])
})

test.each([
  ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
  ['+1', `'+1`],
  ['-2+3', `'-2+3`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['\t=1', `'=1`],
  ['\r=1', `'=1`],
  ['\n =1', `'=1`],
  ['\u200b=1', `'=1`],
  ['\uff1d1', `'\uff1d1`],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\r\nb', 'a b'],
  ['\u001b[31mred', '[31mred'],
  ['\u202egpj.exe', 'gpj.exe'],
])('the name %j is written %s', async (name, cell) => {
  expect(await clientCells(name)).toEqual([cell])
})
