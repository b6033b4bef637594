import { describe, expect, test } from 'vitest'
import { chooseLevels, cover, widen } from '../../../../src/store/database/ledger-levels.ts'
import type { LedgerQuery } from '../../../../src/store/ledger-records.ts'

const [day, week, quarter] = [24, 7 * 24, 13 * 7 * 24]
const known = { hoursSince: 0, daysSince: 0 }
/** By the number of the level. */
const [allHours, allDays, upstreamHours, upstreamDays] = [1, 2, 3, 4]
const [clientWeeks, imageWeeks, clientQuarters, imageQuarters] = [5, 6, 7, 8]

describe('a report reads', () => {
  test.each<[string, Pick<LedgerQuery, 'by' | 'where'>, number[]]>([
    [
      'nothing but upstreams for upstreams',
      { by: ['upstream'], where: {} },
      [upstreamDays, upstreamHours],
    ],
    ['it for outcomes too', { by: [], where: { outcome: ['hit'] } }, [upstreamDays, upstreamHours]],
    [
      'long times for clients',
      { by: ['user'], where: {} },
      [clientQuarters, clientWeeks, allDays, allHours],
    ],
    [
      'long times for images',
      { by: ['outcome'], where: { tag: ['1'] } },
      [imageQuarters, imageWeeks, allDays, allHours],
    ],
    ['days for both', { by: ['client'], where: { repository: ['a'] } }, [allDays, allHours]],
    ['days where it is by day', { by: ['image', 'day'], where: {} }, [allDays, allHours]],
    ['hours first where it is by hour', { by: ['client', 'hour'], where: {} }, [allHours, allDays]],
  ])('%s', (_what, query, levels) => {
    expect(chooseLevels(query).map(({ number }) => number)).toEqual(levels)
  })

  const byImage = chooseLevels({ by: ['image'], where: {} })
  const read = (from: number, to: number, since = known) =>
    cover({ from, to }, byImage, since).map(({ level, ...range }) => [
      level.number,
      range.from,
      range.to,
    ])

  test('quarters of a long time, and of what is left weeks, days and hours', () => {
    expect(read(quarter - week - day - 1, 3 * quarter + 2)).toEqual([
      [allHours, quarter - week - day - 1, quarter - week - day],
      [allDays, quarter - week - day, quarter - week],
      [imageWeeks, quarter - week, quarter],
      [imageQuarters, quarter, 3 * quarter],
      [allHours, 3 * quarter, 3 * quarter + 2],
    ])
  })

  test('nothing that counts in what is gone', () => {
    expect(read(0, 2 * quarter, { ...known, daysSince: quarter - day })).toEqual([
      [allDays, quarter - day, quarter],
      [imageQuarters, quarter, 2 * quarter],
    ])
  })

  test('whole days where hours are gone', () => {
    const since = { ...known, hoursSince: 2 * day }
    expect(widen({ from: day + 5, to: 3 * day + 5 }, byImage, since)).toEqual({
      from: day,
      to: 3 * day + 5,
    })
    expect(widen({ from: 5, to: day + 1 }, byImage, since)).toEqual({ from: 0, to: 2 * day })
    const byUpstream = chooseLevels({ by: ['upstream'], where: {} })
    expect(widen({ from: 5, to: day + 1 }, byUpstream, since)).toEqual({ from: 5, to: day + 1 })
  })
})
