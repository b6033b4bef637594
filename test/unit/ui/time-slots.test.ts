import { describe, expect, test } from 'vitest'
import type { Report, ReportRow } from '../../../src/traffic/any-reports.ts'
import { chooseStep, slotGroup, toTimeSlots } from '../../../src/ui/traffic/time-slots.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('how long a bar of the traffic’s chart is of', () => {
  test.each([
    ['a day', dayMs, hourMs, 'hour'],
    ['a week', 7 * dayMs, 3 * hourMs, 'hour'],
    ['a month', 30 * dayMs, dayMs, 'day'],
    ['a year', 365 * dayMs, 7 * dayMs, 'day'],
    ['ten years', 3_650 * dayMs, 28 * dayMs, 'day'],
  ] as const)('of %s', (_, length, step, group) => {
    expect(chooseStep(length)).toBe(step)
    expect(slotGroup(step)).toBe(group)
  })
})

describe('the bars', () => {
  const row = (hour: string, figures: Partial<ReportRow>) =>
    ({ hour, cachedBytes: 0, upstreamBytes: 0, hostedBytes: 0, ...figures }) as ReportRow
  const report = (...rows: readonly ReportRow[]) =>
    ({
      since: '2026-11-22T00:00:00.000Z',
      until: '2026-11-22T06:00:00.000Z',
      rows,
    }) as unknown as Report

  test('are of all times, nothing where nothing was, and put together where they are longer', () => {
    const told = report(
      row('2026-11-22T00:00Z', { cachedBytes: 1, hostedBytes: 8 }),
      row('2026-11-22T02:00Z', { cachedBytes: 2 }),
      row('2026-11-22T05:00Z', { upstreamBytes: 4 }),
    )
    const { times, series } = toTimeSlots(told, 3 * hourMs, 'bytes')
    expect(times).toEqual([0, 3].map((hour) => Date.UTC(2026, 10, 22, hour)))
    expect(series.map(({ name, values }) => [name, ...values])).toEqual([
      ['From cache', 3, 0],
      ['From upstream', 0, 4],
      ['Pushed here', 8, 0],
    ])
  })

  test('of pulls show where images came from, and what failed', () => {
    const told = report(
      row('2026-11-22T01:00Z', { pulls: 10, mirroredPulls: 7, cachedPulls: 5, errors: 2 }),
    )
    const { series } = toTimeSlots(told, hourMs, 'pulls')
    expect(series.map(({ values }) => values[1])).toEqual([5, 2, 3, 2])
  })
})
