import { expect, test } from 'vitest'
import { findQuantile } from '../../../src/traffic/report-durations.ts'

test.each([
  ['half of a bucket that begins at 0', [10], 0.5, 2.5],
  ['all of it', [10], 1, 5],
  ['within the second bucket', [5, 10], 0.5, 5 + (20 * 2.5) / 10],
  ['the end of a bucket, where the next begins', [5, 5], 0.5, 5],
  ['a bucket after empty ones', [0, 0, 0, 4], 0.5, 300],
  ['of what took longer than all bounds, the last bound', [1, 0, 0, 0, 0, 0, 0, 9], 0.95, 60_000],
  ['beside what took so long, as before', [9, 0, 0, 0, 0, 0, 0, 1], 0.5, (5 * 5) / 9],
] as const)('%s', (_rule, histogram, share, wanted) => {
  expect(findQuantile(histogram, share)).toBeCloseTo(wanted, 9)
})

test('of no answers there is none', () => {
  expect(findQuantile([], 0.5)).toBeUndefined()
  expect(findQuantile([0, 0, 0, 0, 0, 0, 0, 0], 0.95)).toBeUndefined()
})
