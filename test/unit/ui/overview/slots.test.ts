import { expect, test } from 'vitest'
import type { ReportRow } from '../../../../src/traffic/any-reports.ts'
import { findRange } from '../../../../src/ui/overview/ranges.ts'
import { cachedPercent, compare, toSlots } from '../../../../src/ui/overview/slots.ts'

const hourMs = 3_600_000
const row = (at: Partial<ReportRow>, pulls: number): ReportRow => ({
  requests: pulls,
  errors: 0,
  broken: 0,
  pulls,
  mirroredPulls: pulls,
  cachedPulls: 0,
  servedBytes: 100,
  cachedBytes: 75,
  upstreamBytes: 25,
  hostedBytes: 0,
  fetchedBytes: 25,
  savedBytes: 75,
  ...at,
})

test('hours without traffic have slots too', () => {
  const report = {
    since: '2026-11-22T10:00:00.000Z',
    until: '2026-11-22T14:00:00.000Z',
    rows: [row({ hour: '2026-11-22T11:00Z' }, 2), row({ hour: '2026-11-22T13:00Z' }, 3)],
  }
  const slots = toSlots(report, hourMs)
  expect(slots.map(({ pulls }) => pulls)).toEqual([0, 2, 0, 3])
  expect(slots[1]?.at).toBe(Date.parse('2026-11-22T11:00Z'))
  expect(slots.map(cachedPercent)).toEqual([0, 75, 0, 75])
})

test('hours are gathered in longer slots, and days stand for themselves', () => {
  const hours = [row({ hour: '2026-11-22T05:00Z' }, 1), row({ hour: '2026-11-22T06:00Z' }, 4)]
  const first = { since: '2026-11-22T05:00:00.000Z', until: '2026-11-22T07:00:00.000Z' }
  const gathered = toSlots({ ...first, rows: hours }, 6 * hourMs)
  expect(gathered.map(({ pulls }) => pulls)).toEqual([1, 4])
  const days = [row({ day: '2026-11-22' }, 7)]
  const both = { since: '2026-11-21T00:00:00.000Z', until: '2026-11-22T09:00:00.000Z' }
  expect(toSlots({ ...both, rows: days }, 24 * hourMs).map(({ pulls }) => pulls)).toEqual([0, 7])
})

test.each([
  [10, undefined, ''],
  [0, 0, 'none before either'],
  [5, 0, 'none before'],
  [5, 5, 'as many as before'],
  [6, 5, '20 % more than before'],
  [4, 5, '20 % fewer than before'],
  [5_000, 5, 'many times more than before'],
])('%d after %s', (now, before, words) => {
  expect(compare(now, before)).toBe(words)
})

test('a link of no range has the usual one', () => {
  expect(findRange('7d').name).toBe('7d')
  expect(findRange('nonsense').name).toBe('24h')
})
