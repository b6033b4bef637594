import { describe, expect, test } from 'vitest'
import { durationValues } from '../../../src/metrics/duration-values.ts'

const bounds = [5, 100, 2_500]

const valuesOf = (counts: readonly number[], sumMs: number) =>
  Object.fromEntries(
    durationValues('x_seconds', [[{ bounds, counts, sumMs }, { outcome: 'hit' }]]).map(
      ({ metricName, sharedLabels: { outcome }, labels: { le = '' }, value }) => [
        `${metricName} ${outcome} ${le}`.trim(),
        value,
      ],
    ),
  )

describe('durations that come counted', () => {
  test('are in the bucket of their bound and in all above it, in seconds', () => {
    expect(valuesOf([1, 2, 4, 8], 60_500)).toEqual({
      'x_seconds_bucket hit 0.005': 1,
      'x_seconds_bucket hit 0.1': 3,
      'x_seconds_bucket hit 2.5': 7,
      'x_seconds_bucket hit +Inf': 15,
      'x_seconds_sum hit': 60.5,
      'x_seconds_count hit': 15,
    })
  })

  test('make a whole histogram of nothing', () => {
    expect(new Set(Object.values(valuesOf([0, 0, 0, 0], 0)))).toEqual(new Set([0]))
  })

  test('of several labels stay apart', () => {
    const counts = { bounds, counts: [1, 0, 0, 0], sumMs: 1 }
    const values = durationValues('x', [
      [counts, { outcome: 'hit' }],
      [counts, { outcome: 'miss' }],
    ])
    const ofCount = values.filter(({ metricName }) => metricName === 'x_count')
    expect(ofCount.map(({ sharedLabels, value }) => [sharedLabels.outcome, value])).toEqual([
      ['hit', 1],
      ['miss', 1],
    ])
  })
})
