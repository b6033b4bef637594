import { describe, expect, test } from 'vitest'
import type { LedgerQuery, LedgerRecords, LedgerRow } from '../../src/store/ledger-records.ts'
import { addUp, byKey, dayMs, hourMs, makeQueries, makeRows, start } from './ledger-rows.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = LedgerRecords & { close(): Promise<void> }

export type LedgerPlace = RecordsPlace<Store>

const pull: LedgerRow = {
  at: start,
  client: '10.0.0.1',
  user: '',
  upstream: 'docker.io',
  repository: 'library/node',
  tag: 'latest',
  outcome: 'hit',
  counters: { pulls: 1, servedBytes: 1_000 },
}
const all: LedgerQuery = { since: 0, until: start + 1_000 * dayMs, by: [], where: {} }
const many = 1_000_000

/** What every place of LedgerRecords promises, whatever it keeps them in. */
export function testLedgerRecords(makePlace: () => Promise<LedgerPlace>): void {
  const records = openForEach(makePlace)

  const add = (id: number, ...rows: readonly Partial<LedgerRow>[]) =>
    records.store.addTraffic({ id, rows: rows.map((row) => ({ ...pull, ...row })) })
  const addAll = async (rows: readonly LedgerRow[], batches: number) => {
    const size = Math.ceil(rows.length / batches)
    for (let at = 0; at < rows.length; at += size) {
      await records.store.addTraffic({ id: at + 1, rows: rows.slice(at, at + size) })
    }
  }
  const sum = async (query: Partial<LedgerQuery> = {}) =>
    (await records.store.sumTraffic({ ...all, ...query })).sums
  const countPulls = async (query: Partial<LedgerQuery> = {}) =>
    (await sum(query)).reduce((total, { counters }) => total + counters.pulls, 0)
  const oneDay = (day: number) => start + day * dayMs

  describe('the ledger', () => {
    test('has nothing at first', async () => {
      expect(await records.store.findLastBatch()).toBe(0)
      expect(await sum({ by: ['client', 'image', 'day'] })).toEqual([])
      expect(await records.store.trimTraffic({ hoursBefore: 0, daysBefore: 0, most: many })).toBe(0)
    })

    test('adds a batch once, also where it is added again or after a restart', async () => {
      await add(7, {}, { client: '10.0.0.2' })
      await add(7, {}, { client: '10.0.0.2' })
      await records.reopen()
      await add(7, {}, { client: '10.0.0.2' })
      await add(6, {})
      expect(await records.store.findLastBatch()).toBe(7)
      expect(await countPulls()).toBe(2)
      await add(8, {})
      expect(await countPulls()).toBe(3)
    })

    test('takes all of a batch or nothing, and then it again', async () => {
      const broken = { client: undefined as unknown as string }
      await expect(add(1, { client: 'new' }, broken)).rejects.toThrow()
      expect(await sum()).toEqual([])
      expect(await records.store.findLastBatch()).toBe(0)
      await add(1, { client: 'new' })
      expect(await sum({ by: ['client'] })).toMatchObject([
        { client: 'new', counters: { pulls: 1 } },
      ])
    })

    test('tells at what hour or day, of what image and of whom it counted', async () => {
      const tagged = { repository: 'team/app', tag: '1.0', user: 'alice' }
      await add(
        1,
        { at: start + 5 * hourMs + 1 },
        { at: start + dayMs, upstream: 'ghcr.io', ...tagged },
      )
      const keysOf = async (...by: LedgerQuery['by']) =>
        (await sum({ by })).map(({ counters: _, ...key }) => key)
      expect(await keysOf('hour')).toEqual([{ at: start + 5 * hourMs }, { at: start + dayMs }])
      expect(await keysOf('day')).toEqual([{ at: start }, { at: start + dayMs }])
      expect(await keysOf('image', 'outcome', 'user')).toEqual(
        expect.arrayContaining([
          { upstream: 'ghcr.io', outcome: 'hit', ...tagged },
          {
            upstream: 'docker.io',
            repository: 'library/node',
            tag: 'latest',
            outcome: 'hit',
            user: '',
          },
        ]),
      )
    })

    test('sums up what one by one adds up to', { timeout: 60_000 }, async () => {
      const rows = makeRows(1_500)
      await addAll(rows, 12)
      for (const query of makeQueries(150)) {
        const { sums } = await records.store.sumTraffic(query)
        expect(byKey(sums), JSON.stringify(query)).toEqual(addUp(rows, query))
      }
    })

    test('does so too of days whose hours are gone', { timeout: 60_000 }, async () => {
      const rows = makeRows(800)
      await addAll(rows, 4)
      const hoursSince = oneDay(60)
      await records.store.trimTraffic({
        hoursBefore: hoursSince + hourMs,
        daysBefore: 0,
        most: many,
      })
      const byNames = makeQueries(120).filter(({ by }) => by.includes('client'))
      expect(byNames.length).toBeGreaterThan(20)
      for (const query of byNames) {
        const { sums, since, until } = await records.store.sumTraffic(query)
        expect(byKey(sums), JSON.stringify(query)).toEqual(addUp(rows, query, { hoursSince }))
        const [wantedSince, wantedUntil] = [query.since, query.until - 1].map(
          (at) => at - (at % (at < hoursSince ? dayMs : hourMs)),
        )
        expect(since).toBe(wantedSince)
        expect(until).toBe((wantedUntil ?? 0) + (query.until - 1 < hoursSince ? dayMs : hourMs))
      }
    })

    test('loses days that are too old, and says since when it tells all', async () => {
      await add(1, { at: oneDay(0) }, { at: oneDay(40) }, { at: oneDay(41) })
      const removed = await records.store.trimTraffic({
        hoursBefore: 0,
        daysBefore: oneDay(41),
        most: many,
      })
      expect(removed).toBeGreaterThan(0)
      for (const by of [[], ['client'], ['image'], ['day'], ['client', 'repository']] as const) {
        const { sums, since } = await records.store.sumTraffic({ ...all, by })
        expect(sums.map(({ counters }) => counters.pulls)).toEqual([1])
        expect(since).toBe(oneDay(41))
      }
      expect(
        await records.store.trimTraffic({ hoursBefore: 0, daysBefore: oneDay(41), most: many }),
      ).toBe(0)
    })

    test('counts on once a clock that was years ahead is right again', async () => {
      await add(1, { at: oneDay(3_000) })
      const bounds = { hoursBefore: oneDay(2_970), daysBefore: oneDay(2_000), most: many }
      await records.store.trimTraffic(bounds)
      await add(2, { at: oneDay(10) + hourMs })
      expect(await sum({ by: ['hour', 'client'] })).toMatchObject([{ at: oneDay(10) + hourMs }])
    })

    test('knows names again that were gone', async () => {
      await add(1, { at: oneDay(0), client: 'old' })
      await records.store.trimTraffic({ hoursBefore: 0, daysBefore: oneDay(200), most: many })
      expect(await sum({ by: ['client'] })).toEqual([])
      await add(2, { at: oneDay(200), client: 'other' }, { at: oneDay(200), client: 'old' })
      const names = (await sum({ by: ['client'] })).map(({ client }) => client)
      expect(names.toSorted()).toEqual(['old', 'other'])
    })

    test('keeps so many rows, of the newest days', async () => {
      for (let day = 0; day < 60; day++) await add(day + 1, { at: oneDay(day) })
      const most = 100
      expect(
        await records.store.trimTraffic({ hoursBefore: 0, daysBefore: 0, most }),
      ).toBeGreaterThan(100)
      const daysKept = (await sum({ by: ['day', 'client'] })).map(({ at }) => at ?? 0)
      expect(daysKept.length).toBeGreaterThan(20)
      expect(Math.min(...daysKept)).toBe(oneDay(60 - daysKept.length))
      expect(await countPulls()).toBe(daysKept.length)
      expect(await records.store.trimTraffic({ hoursBefore: 0, daysBefore: 0, most })).toBe(0)
    })
  })
}
