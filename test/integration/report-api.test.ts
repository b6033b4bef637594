import { expect, test, vi } from 'vitest'
import type { Report } from '../../src/traffic/any-reports.ts'
import { smallImage } from '../support/image-builder.ts'
import { ask, type RawRequest } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { rowOf, startWithTraffic, trafficNow } from '../support/start-with-traffic.ts'
import { addUsers, basic, passwords, rules } from './access/callers.ts'

const hourMs = 3_600_000
const pulled = { tagRequests: 1, blobRequests: 2, pulls: 1, servedBytes: 1_000 }
const rows = [
  rowOf({ counters: { ...pulled, blobMs: 10 } }),
  rowOf({
    outcome: 'miss',
    client: 'ci',
    user: 'token ci',
    counters: { ...pulled, fetches: 3, upstreamPulls: 1, fetchedBytes: 1_000, fetchMs: 100 },
  }),
  rowOf({ at: trafficNow - 49 * hourMs, upstream: 'quay.io', counters: pulled }),
  rowOf({ upstream: '', repository: 'team/app', tag: '1', outcome: 'hosted', counters: pulled }),
  rowOf({ repository: '', tag: '', outcome: 'denied', counters: { listRequests: 1 } }),
  rowOf({ at: trafficNow - 8 * 24 * hourMs, tag: '18', counters: pulled }),
]

const ask200 = async (server: StartedServer, query: string, request: RawRequest = {}) => {
  const { status, body, headers } = await ask(server, `/api/v1/report?${query}`, request)
  expect(status, body.toString()).toBe(200)
  return { text: body.toString(), headers }
}
const report = async (server: StartedServer, query: string, request?: RawRequest) =>
  JSON.parse((await ask200(server, query, request)).text) as Report
const namesIn = ({ by, rows: found }: Report) =>
  found.map((row) => by.map((dimension) => row[dimension]).join(' '))

test('a report has what the ledger has, of the last seven days by image', async () => {
  const server = await startWithTraffic(rows)

  const { headers } = await ask200(server, '')
  const found = await report(server, '')

  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  expect(found).toMatchObject({
    since: '2026-11-15T12:00:00.000Z',
    until: '2026-11-22T13:00:00.000Z',
    by: ['image'],
    totals: {
      requests: 13,
      pulls: 4,
      errors: 1,
      errorsByKind: { denied: 1 },
      servedBytes: 4_000,
      hostedBytes: 1_000,
      fetchedBytes: 1_000,
      savedBytes: 2_000,
      dockerHub: { pulls: 2, counted: 1, avoided: 1 },
    },
  })
  expect(namesIn(found)).toEqual([
    'docker.io/library/node:20',
    'quay.io/library/node:20',
    'team/app:1',
    '',
  ])
  expect(found.rows[0]).toMatchObject({ pulls: 2, savedBytes: 1_000, pullHitRatio: 0.5 })
  expect(found.totals).not.toHaveProperty('money')
})

test('dimensions, filters, times and the top are as they are asked for', async () => {
  const server = await startWithTraffic(rows)
  const names = async (query: string) => namesIn(await report(server, query))

  expect(await names('by=day,upstream&since=2026-11-01')).toEqual([
    '2026-11-14 docker.io',
    '2026-11-20 quay.io',
    '2026-11-21 docker.io',
    '2026-11-21 hosted',
  ])
  expect(await names('by=client,user')).toEqual(['10.0.0.1 anonymous', 'ci token ci'])
  expect(await names('user=anonymous&outcome=hit')).toHaveLength(2)
  expect(await names('by=upstream&upstream=hosted')).toEqual(['hosted'])
  expect(await names('by=upstream&repository=library/node')).toEqual(['docker.io'])
  expect(await names('by=upstream&image=quay.io/library/node:20')).toEqual(['quay.io'])
  expect(await names('image=node:18&since=30d')).toEqual(['docker.io/library/node:18'])
  expect(await names('repository=team/app')).toEqual(['team/app:1'])
  expect(await names(`by=status&since=${trafficNow - 25 * hourMs}&top=1`)).toHaveLength(1)
  const { others } = await report(server, 'top=1')
  expect(others).toMatchObject({ rows: 3, requests: 7 })
})

test('a price is taken up while it runs', async () => {
  const server = await startWithTraffic(rows, { pricePerGB: '1000 USD' })
  const money = async () => (await report(server, '')).totals.money
  expect(await money()).toEqual({ amount: 0.002, currency: 'USD', perGB: 1_000 })
  await server.configure({ pricePerGB: '2000 EUR' })
  expect(await money()).toMatchObject({ amount: 0.004, currency: 'EUR' })
})

test('as CSV it is a file for a spreadsheet', async () => {
  const server = await startWithTraffic(rows)
  const { text, headers } = await ask200(server, 'by=upstream&format=csv')
  const accepted = await ask200(server, 'by=upstream', { headers: { accept: 'text/csv' } })
  expect(accepted.text).toBe(text)
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="entrepot-2026-11-15-2026-11-22.csv"',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  const lines = text.split('\r\n')
  expect(lines[0]).toMatch(/^upstream,requests,pulls,/)
  expect(lines.slice(1).map((line) => line.split(',').slice(0, 3))).toEqual([
    ['docker.io', '7', '2'],
    ['hosted', '3', '1'],
    ['quay.io', '3', '1'],
    [''],
  ])
})

test('what can’t be read is refused, saying what is wanted', async () => {
  const server = await startWithTraffic([])
  const surprises: string[] = []
  for (const [query, says] of [
    ['by=color', 'by="color": wanted one or more of client, user'],
    ['since=yesterday', 'since="yesterday" is no time'],
    ['format=xml', 'format="xml": wanted json or csv'],
    ['image=node@sha256:1', 'not a digest'],
    [`image=node@sha256:${'0'.repeat(64)}`, 'reports know images by their tags'],
    ['image=Node:20', 'not a repository name'],
    ['repository=-', 'not a repository name'],
    ['repository=', 'not a repository name'],
    ['tag=1', 'a report takes no "tag"'],
  ] as const) {
    const { status, body } = await ask(server, `/api/v1/report?${query}`)
    const said = `${status}: ${JSON.parse(body.toString()).error}`
    if (status !== 400 || !said.includes(says)) surprises.push(`${query}: ${said}`)
  }
  expect(surprises).toEqual([])
})

test('who may not pull all sees what he may pull, in rows and totals, and strangers are asked to log in', async () => {
  const server = await startWithTraffic(rows, { access: { anonymous: 'none', rules } })
  await addUsers(server)
  const as = (name: 'alice' | 'root') => ({ headers: basic(name, passwords[name]) })

  const all = await report(server, 'by=client', as('root'))
  const hers = await report(server, 'by=client', as('alice'))
  const asked = await ask(server, '/api/v1/report?by=day')

  expect(all.totals).toMatchObject({ requests: 13, servedBytes: 4_000 })
  expect(hers.totals).toMatchObject({ requests: 3, servedBytes: 1_000, errors: 0, fetchedBytes: 0 })
  expect(namesIn(hers)).toEqual(['10.0.0.1'])
  expect(asked.status).toBe(401)
  expect(JSON.parse(asked.body.toString()).error).toContain('ENTREPOT_TOKEN')
})

test('what was pulled from an upstream that is private, or no more configured, is for who may pull there', async () => {
  const upstreams = { 'docker.io': { private: true } }
  const server = await startWithTraffic(rows, { upstreams })
  expect(namesIn(await report(server, 'by=repository'))).toEqual(['team/app'])
  // As if it had only just been taken out of mirrors.yaml.
  await server.configure({ upstreams: { 'docker.io': {} } })
  const open = await report(server, 'by=upstream')
  expect(namesIn(open)).toEqual(['docker.io', 'hosted'])
  const all = await report(server, 'by=upstream', { headers: server.operator.headers })
  expect(namesIn(all)).toEqual(['docker.io', 'hosted', 'quay.io'])
})

test('every thread gives the same report', async () => {
  const server = await startWithTraffic(rows, { threads: 2 })
  const query = 'by=image,client,hour&since=2026-11-01&until=2026-11-22'
  const replies = await Promise.all(Array.from({ length: 12 }, () => ask200(server, query)))
  const texts = new Set(replies.map(({ text }) => text))
  expect(texts.size).toBe(1)
  expect(JSON.parse([...texts][0] ?? '').totals.requests).toBe(16)
})

test('what is pulled is in the next report, to the byte', async () => {
  const { server, upstream, clock } = await startMirrored({ prefetch: false })
  const image = await upstream.repository('library/node').addImage('20', smallImage('node'))
  const [layer] = image.layers
  const sizes = (image.bytes.length + (layer?.size ?? 0)) * 2
  for (const path of ['manifests/20', `blobs/${layer?.digest}`]) {
    await ask(server, `/v2/library/node/${path}`)
    if (path.startsWith('blobs')) await pullUntilKept(server, `/v2/library/node/${path}`)
    else await ask(server, `/v2/library/node/${path}`)
  }

  const found = await vi.waitFor(async () => {
    const now = await report(server, `since=${clock.now() - hourMs}`)
    if (now.totals.servedBytes < sizes) throw new Error('not all is written yet')
    return now
  }, 10_000)

  expect(namesIn(found)).toEqual(['docker.io/library/node:20'])
  expect(found.totals).toMatchObject({ pulls: 2, cachedPulls: 1 })
  expect(found.totals.fetchedBytes).toBe(sizes / 2)
  expect(found.totals.savedBytes).toBe(found.totals.servedBytes - sizes / 2)
  expect(found.totals.dockerHub).toEqual({ pulls: 2, counted: 1, avoided: 1 })
})
