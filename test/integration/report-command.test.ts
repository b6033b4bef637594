import { expect, test } from 'vitest'
import { operate, runCommand } from '../support/run-command.ts'
import { rowOf, startWithTraffic } from '../support/start-with-traffic.ts'
import { addUsers, rules } from './access/callers.ts'

const pulled = { tagRequests: 2, blobRequests: 4, pulls: 2, servedBytes: 50 * 2 ** 20 }
/** As somebody may be called by a certificate. */
const hostile = '=cmd|<b>\u001b[2J'
const rows = [
  rowOf({ counters: pulled }),
  rowOf({
    client: 'ci',
    user: hostile,
    outcome: 'miss',
    counters: { ...pulled, fetchedBytes: 20 * 2 ** 20, fetches: 3, upstreamPulls: 1 },
  }),
  ...Array.from({ length: 30 }, (_, at) =>
    rowOf({ repository: `team/app-${at}`, counters: { digestRequests: 1, servedBytes: at } }),
  ),
]

test('a report is printed as a table, with all rows where it goes to a file', async () => {
  const server = await startWithTraffic(rows, { pricePerGB: '0.09 USD' })

  const { code, stdout, stderr } = await operate(server, 'report')

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^IMAGE +PULLS {2}CACHE +SERVED {2}FETCHED +SAVED {2}ERRORS$/)
  expect(lines[1]).toMatch(
    /^docker\.io\/library\/node:20 +4 +50 % {2}100 MiB +20 MiB {2}80 MiB +0$/,
  )
  expect(lines[31]).toMatch(/^docker\.io\/team\/app-0:20/)
  expect(lines[32]).toBe('')
  expect(stdout).toContain('4 pulls of images, in 42 requests.\n')
  expect(stdout).toContain('worth 0.01 USD')
})

test('what is chosen is sent along, and names command neither a terminal nor a spreadsheet', async () => {
  const server = await startWithTraffic(rows)
  const chosen = [
    '--by',
    'user,status',
    '--since',
    '3d',
    '--client',
    'ci',
    '10.0.0.9',
    '--top',
    '0',
  ]

  const [table, csv, json] = await Promise.all([
    operate(server, 'report', ...chosen),
    operate(server, 'report', ...chosen, '--csv'),
    operate(server, 'report', ...chosen, '--json'),
  ])

  expect(table.stdout).toMatch(/^USER +OUTCOME +PULLS .* REQUESTS\n=cmd\|<b> \[2J +miss +2 /)
  expect(csv.stdout.split('\r\n').slice(1)).toEqual([
    expect.stringMatching(/^'=cmd\|<b> \[2J,miss,6,2,/),
    '',
  ])
  const report = JSON.parse(json.stdout)
  expect(report.by).toEqual(['user', 'outcome'])
  expect(report.rows).toEqual([
    expect.objectContaining({ user: hostile, fetchedBytes: 20 * 2 ** 20 }),
  ])
})

test('the page and the Markdown are whole documents', async () => {
  const server = await startWithTraffic(rows)
  const [html, markdown] = await Promise.all([
    operate(server, 'report', '--html', '--top', '5', '--since', '7d'),
    operate(server, 'report', '--markdown', '--since', '7d'),
  ])
  expect(html).toMatchObject({ code: 0, stderr: '' })
  expect(html.stdout).toMatch(/^<!doctype html>\n<html lang="en">[\s\S]*<\/html>\n$/)
  expect(html.stdout.match(/<svg /g)).toHaveLength(4)
  expect(html.stdout).toContain('26 more')
  expect(markdown).toMatchObject({ code: 0, stderr: '' })
  expect(markdown.stdout).toMatch(/^# What the mirror did: [\s\S]*\n## Clients\n\n\| Client \|/)
})

test('who may not know clients gets a page without them', async () => {
  const server = await startWithTraffic(rows, { access: { rules } })
  await addUsers(server)
  const place = ['--server', `http://127.0.0.1:${server.port}`]
  const [page, refused] = await Promise.all([
    runCommand('report', '--markdown', '--since', '7d', ...place),
    runCommand('report', '--by', 'client', ...place),
  ])
  expect(page.code).toBe(0)
  expect(page.stdout).toContain('## Images')
  expect(page.stdout).not.toContain('Clients')
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('ENTREPOT_TOKEN') })
})

test('what is called wrongly ends with 2, and says what is wanted', async () => {
  const server = await startWithTraffic([])
  const [by, two, parts] = await Promise.all([
    operate(server, 'report', '--by', 'color'),
    operate(server, 'report', '--csv', '--json'),
    operate(server, 'report', '--html', '--by', 'client'),
  ])
  expect(by).toMatchObject({ code: 2, stderr: expect.stringContaining('wanted one or more of') })
  expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('wanted one of them') })
  expect(parts).toMatchObject({ code: 2, stderr: expect.stringContaining('leave --by out') })
})
