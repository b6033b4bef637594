import { describe, expect, test } from 'vitest'
import { formatAgo } from '../../../src/commands/human-values.ts'
import { formatBytes } from '../../../src/config/units.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [1024, '1.0 KiB'],
  [10_188, '9.9 KiB'],
  [10_189, '10 KiB'],
  [1023 * 1024, '1.0 MiB'],
  [1024 * 1024, '1.0 MiB'],
  [123_456_789, '118 MiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
  [2000 * 1024 ** 5, '2000 PiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

describe('a time', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')

  test.each([
    ['2026-11-22T11:59:30Z', 'just now'],
    ['2026-11-22T12:00:30Z', 'just now'],
    ['2026-11-22T13:00:00Z', 'in the future'],
    ['2026-11-22T11:59:00Z', '1 minute ago'],
    ['2026-11-22T10:00:01Z', '119 minutes ago'],
    ['2026-11-22T10:00:00Z', '2 hours ago'],
    ['2026-11-20T12:00:01Z', '47 hours ago'],
    ['2026-11-20T12:00:00Z', '2 days ago'],
    ['2026-11-08T12:00:00Z', '2 weeks ago'],
    ['2026-08-22T12:00:00Z', '3 months ago'],
    ['2024-11-24T00:00:00Z', '23 months ago'],
    ['2024-11-20T12:00:00Z', '2 years ago'],
    ['1970-01-01T00:00:00Z', '56 years ago'],
  ])('%s is %s', (time, text) => {
    expect(formatAgo(time, now)).toBe(text)
  })

  test('that is none is never', () => {
    expect(formatAgo(undefined, now)).toBe('never')
  })
})
