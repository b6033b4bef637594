import { describe, expect, test } from 'vitest'
import { chooseCells } from '../../../src/chronicle/choose-cells.ts'
import { findFirstByte } from '../../../src/chronicle/first-byte.ts'
import { type SlotCounter, slotCounterNames } from '../../../src/store/chronicle-records.ts'

const counts = (some: Partial<Record<SlotCounter, number>>) => {
  const none = Object.fromEntries(slotCounterNames.map((name) => [name, 0]))
  return { ...none, ...some } as Record<SlotCounter, number>
}
const hourMs = 3_600_000

describe('the time to the first byte', () => {
  test.each([
    ['of nothing isn’t known', {}, 0.5, undefined],
    ['is within its bucket, as far as its share', { took0: 10 }, 0.5, 2.5],
    ['is that of the slowest, for a large share', { took0: 90, took6: 10 }, 0.95, 375],
    ['is that of the many, for a small one', { took0: 90, took6: 10 }, 0.5, 2.8],
    ['beyond all bounds is the last of them', { took12: 4 }, 0.5, 30_000],
  ])('%s', (_, histogram, share, expected) => {
    const found = findFirstByte(counts(histogram), share)
    expect(found === undefined ? found : Math.round(found * 10) / 10).toBe(expected)
  })
})

describe('the slots that a time is told in', () => {
  test.each([
    ['a day of all: half hours', 24, false, 'short', 6],
    ['a day of one: quarters', 24, true, 'short', 3],
    ['two days of one: half hours', 48, true, 'short', 6],
    ['a week of one: two hours', 7 * 24, true, 'long', 2],
    ['a month of all: fifteen hours', 30 * 24, false, 'long', 15],
    ['a minute: five of them', 1 / 60, true, 'short', 1],
  ] as const)('%s', (_, hours, isOne, length, perCell) => {
    expect(chooseCells(hours * hourMs, { isOne })).toEqual({ length, perCell })
  })
})
