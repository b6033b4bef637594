import { describe, expect, test } from 'vitest'
import { isFresh, stretch } from '../../../src/mirror/freshness.ts'

const minuteMs = 60_000
const checkedAt = 1_700_000_000_000

describe('what upstream said', () => {
  test.each([
    ['counts at once', 0, 5 * minuteMs, true],
    ['counts until its time is over', 5 * minuteMs - 1, 5 * minuteMs, true],
    ['counts no longer than that', 5 * minuteMs, 5 * minuteMs, false],
    ['never counts where it is to be asked each time', 0, 0, false],
    ['counts for nothing where the clock was set back', -1, 5 * minuteMs, false],
    ['counts for nothing where it was set back by years', -1e12, 5 * minuteMs, false],
  ])('%s', (_rule, ageMs, ttlMs, expected) => {
    expect(isFresh(checkedAt, { now: checkedAt + ageMs, ttlMs })).toBe(expected)
  })
})

describe('with little left, a check is put off', () => {
  test.each([
    ['from five minutes to an hour', 5 * minuteMs, 60 * minuteMs],
    ['in the same measure for longer times', 60 * minuteMs, 720 * minuteMs],
    ['by some minutes even where each pull is checked', 0, 12 * minuteMs],
    ['as long for a few seconds', 5_000, 12 * minuteMs],
  ])('%s', (_rule, ttlMs, expected) => {
    expect(stretch(ttlMs)).toBe(expected)
  })
})
