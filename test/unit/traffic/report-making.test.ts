import { expect, test } from 'vitest'
import type { LedgerDimension, LedgerSum } from '../../../src/store/ledger-records.ts'
import { dimensionsFor, makeReport } from '../../../src/traffic/report-making.ts'
import { sumOf } from '../../support/ledger-sums.ts'

const hub = { upstream: 'docker.io', repository: 'library/node', tag: '20' }
const quay = { upstream: 'quay.io', repository: 'team/app', tag: '' }
const own = { upstream: '', repository: 'team/app', tag: '1' }
const day = Date.parse('2026-11-20T00:00:00Z')

type Options = {
  readonly by?: readonly LedgerDimension[]
  readonly top?: number
  readonly price?: { readonly amount: number; readonly currency: string }
  readonly isVisible?: (sum: LedgerSum) => boolean
}

const make = (sums: readonly LedgerSum[], options: Options = {}) => {
  const { by = ['image'], top = 100, price, isVisible = () => true } = options
  const request = { by, top, since: day, until: day, where: {} }
  return makeReport({ since: day, until: day + 86_400_000, sums }, { request, price, isVisible })
}

const traffic = [
  sumOf({
    ...hub,
    outcome: 'hit',
    counters: { tagRequests: 8, blobRequests: 12, pulls: 8, servedBytes: 8_000, blobMs: 40 },
  }),
  sumOf({
    ...hub,
    outcome: 'miss',
    counters: {
      tagRequests: 2,
      blobRequests: 3,
      pulls: 2,
      servedBytes: 2_000,
      blobMs: 200,
      fetches: 5,
      upstreamPulls: 1,
      fetchedBytes: 1_500,
      fetchMs: 150,
      broken: 1,
    },
  }),
  sumOf({ ...quay, outcome: 'stale', counters: { tagRequests: 1, pulls: 1, servedBytes: 500 } }),
  sumOf({
    ...quay,
    outcome: 'pass',
    counters: { blobRequests: 1, servedBytes: 300, fetchedBytes: 300, fetchMs: 30 },
  }),
  sumOf({
    ...own,
    outcome: 'hosted',
    counters: { digestRequests: 3, pulls: 3, servedBytes: 6_000, blobMs: 30 },
  }),
  sumOf({ ...own, outcome: 'not-found', counters: { tagRequests: 4, servedBytes: 40 } }),
  sumOf({ ...hub, outcome: 'unavailable', counters: { listRequests: 1, servedBytes: 10 } }),
]

test('what is hosted saves nothing, and errors neither save nor cost', async () => {
  const { totals } = await make(traffic)
  expect(totals).toMatchObject({
    requests: 35,
    errors: 5,
    errorsByKind: { 'not-found': 4, unavailable: 1 },
    broken: 1,
    pulls: 14,
    mirroredPulls: 11,
    cachedPulls: 9,
    servedBytes: 16_850,
    cachedBytes: 8_500,
    upstreamBytes: 2_300,
    hostedBytes: 6_000,
    fetchedBytes: 1_800,
    savedBytes: 8_500 + 2_300 - 1_800,
  })
  expect(totals.pullHitRatio).toBeCloseTo(9 / 11, 12)
  expect(totals.byteHitRatio).toBeCloseTo(8_500 / 10_800, 12)
})

test('Docker Hub’s pulls are those of its images less what it counted', async () => {
  expect((await make(traffic)).totals.dockerHub).toEqual({ pulls: 10, counted: 1, avoided: 9 })
})

test('time is saved at upstream’s speed less our own, as both were measured', async () => {
  const { totals } = await make(traffic)
  // 10 bytes a millisecond from upstream; of what is kept 14,500 in 70.
  expect(totals.savedMs).toBeCloseTo(9_000 * (180 / 1_800 - 70 / 14_500), 9)
  const { totals: local } = await make(traffic.filter(({ outcome }) => outcome === 'hit'))
  expect(local.savedMs).toBeUndefined()
  const { totals: fetched } = await make(traffic.filter(({ outcome }) => outcome === 'miss'))
  expect(fetched.savedMs).toBeUndefined()
})

test('a GB of the price is 10^9 bytes, and more fetched than served costs', async () => {
  const price = { amount: 0.1, currency: 'EUR' }
  const gigabytes = (servedBytes: number, fetchedBytes: number) =>
    make([sumOf({ ...hub, outcome: 'miss', counters: { servedBytes, fetchedBytes } })], { price })
  const saved = (await gigabytes(30e9, 10e9)).totals
  expect(saved.money).toEqual({ amount: 2, currency: 'EUR', perGB: 0.1 })
  const prefetched = (await gigabytes(1e9, 6e9)).totals
  expect(prefetched.savedBytes).toBe(-5e9)
  expect(prefetched.money?.amount).toBeCloseTo(-0.5, 12)
  expect((await make(traffic)).totals.money).toBeUndefined()
})

test('the sums of one row are put together, the most served first', async () => {
  const { rows, others } = await make(traffic)
  const figures = rows.map(({ image, servedBytes, requests }) => [image, servedBytes, requests])
  expect(figures).toEqual([
    ['docker.io/library/node:20', 10_010, 26],
    ['team/app:1', 6_040, 7],
    ['quay.io/team/app', 800, 2],
  ])
  expect(others).toBeUndefined()
})

test('rows beyond the top are summed, and the totals are of all', async () => {
  const { rows, others, totals } = await make(traffic, { top: 1 })
  expect(rows.map(({ image }) => image)).toEqual(['docker.io/library/node:20'])
  expect(others).toMatchObject({ rows: 2, servedBytes: 6_840, pulls: 4, hostedBytes: 6_000 })
  expect(totals.servedBytes).toBe(16_850)
  const none = await make(traffic, { top: 3 })
  expect(none.others).toBeUndefined()
})

test('what upstream was asked about without anybody pulling it is no row', async () => {
  const asked = sumOf({ ...hub, tag: '21', outcome: 'miss', counters: { fetches: 1 } })
  const { rows, others } = await make([...traffic, asked], { top: 3 })
  expect(rows.map(({ image }) => image)).not.toContain('docker.io/library/node:21')
  expect([rows.length, others]).toEqual([3, undefined])
})

test('with a time rows stand in its order, those that serve most of one time first', async () => {
  const at = (hours: number, client: string, servedBytes: number) =>
    sumOf({ at: day + hours * 3_600_000, client, outcome: 'hit', counters: { servedBytes } })
  const sums = [at(3, 'a', 1), at(1, 'b', 5), at(3, 'c', 9), at(2, 'a', 2)]
  const { rows } = await make(sums, { by: ['client', 'hour'], top: 3 })
  expect(rows.map(({ client, hour }) => `${hour} ${client}`)).toEqual([
    '2026-11-20T01:00Z b',
    '2026-11-20T02:00Z a',
    '2026-11-20T03:00Z c',
  ])
})

test('what has no name of its own is called something', async () => {
  const sums = [
    sumOf({
      client: '',
      user: '',
      upstream: '',
      outcome: 'hosted',
      at: day,
      counters: { servedBytes: 1 },
    }),
  ]
  const { rows } = await make(sums, {
    by: ['client', 'user', 'upstream', 'outcome', 'day', 'image'],
  })
  expect(rows[0]).toMatchObject({
    client: 'server',
    user: 'anonymous',
    upstream: 'hosted',
    outcome: 'hosted',
    day: '2026-11-20',
    image: '',
  })
})

test('what whoever asks may not see is neither in a row nor in a total', async () => {
  const { rows, totals } = await make(traffic, {
    isVisible: ({ upstream }) => upstream === 'quay.io',
  })
  expect(rows.map(({ image }) => image)).toEqual(['quay.io/team/app'])
  expect(totals).toMatchObject({ servedBytes: 800, errors: 0, dockerHub: { pulls: 0 } })
})

test.each([
  [['image'], false, ['image', 'outcome']],
  [['client', 'day'], false, ['client', 'day', 'upstream', 'outcome']],
  [['client', 'day'], true, ['client', 'day', 'repository', 'outcome']],
  [['repository', 'outcome'], true, ['repository', 'outcome']],
] as const)('by %j, seeing %s, is asked for by more', (by, withRepository, wanted) => {
  expect(dimensionsFor(by, { withRepository })).toEqual(wanted)
})

test('100,000 sums are put together in turns, not at one stroke', async () => {
  const sums = Array.from({ length: 100_000 }, (_, at) =>
    sumOf({ ...hub, tag: `${at % 10_000}`, outcome: 'hit', counters: { servedBytes: at } }),
  )
  let turns = 0
  const counting = setInterval(() => turns++, 0)
  const { rows } = await make(sums, { top: 10_000 })
  clearInterval(counting)
  expect(rows).toHaveLength(10_000)
  expect(turns).toBeGreaterThan(2)
})
