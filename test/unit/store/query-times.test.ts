import { expect, test } from 'vitest'
import { QueryTimes } from '../../../src/store/query-times.ts'

test('each query counts once, under the first bound that it keeps', () => {
  const times = new QueryTimes()
  for (const ms of [0, 0.1, 0.11, 9.5, 10, 4_999, 6_000]) times.note(ms)
  const { bounds, counts, sumMs } = times.describe()
  expect(bounds).toEqual([0.1, 0.5, 2, 10, 50, 250, 1_000, 5_000])
  expect(counts).toEqual([2, 1, 0, 2, 0, 0, 0, 1, 1])
  expect(sumMs).toBeCloseTo(11_018.71)
})
