import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatContentRange,
  parseContentRange,
  parseRange,
  rangeLength,
} from '../../../src/oci/byte-range.ts'
import { anyCharacter } from '../../support/any-character.ts'

const one = (start: number, end: number) => ({ kind: 'ranges', ranges: [{ start, end }] })

describe('a range of 100 bytes is read', () => {
  test.each([
    ['both ends are inclusive', 'bytes=0-9', one(0, 9)],
    ['one byte has the same number twice', 'bytes=5-5', one(5, 5)],
    ['without an end it goes to the last byte', 'bytes=90-', one(90, 99)],
    ['an end beyond the content is the last byte', 'bytes=90-1000', one(90, 99)],
    ['a suffix counts from the end', 'bytes=-10', one(90, 99)],
    ['a suffix longer than the content is all of it', 'bytes=-1000', one(0, 99)],
    ['the unit is not case-sensitive', 'Bytes=0-9', one(0, 9)],
    ['spaces around a range do not count', 'bytes= 0-9 ', one(0, 9)],
    [
      'several ranges keep their order',
      'bytes=90-94, 0-4',
      { kind: 'ranges', ranges: [...one(90, 94).ranges, ...one(0, 4).ranges] },
    ],
    ['one that can be satisfied is enough', 'bytes=200-300,0-4', one(0, 4)],
  ])('%s', (_rule, header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected)
  })
})

describe('nothing of 100 bytes is meant by', () => {
  test.each([
    ['a start behind the content', 'bytes=100-'],
    ['a number larger than any content', `bytes=${'9'.repeat(400)}-`],
    ['a suffix of nothing', 'bytes=-0'],
    ['an end before the start', 'bytes=50-0'],
    ['several ranges behind the content', 'bytes=100-110,120-'],
  ])('%s', (_rule, header) => {
    expect(parseRange(header, 100)).toEqual({ kind: 'unsatisfiable' })
  })
})

describe('the whole is meant by', () => {
  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another unit', 'lines=0-9'],
    ['no range', 'bytes='],
    ['a dash alone', 'bytes=-'],
    ['letters', 'bytes=a-b'],
    ['a hexadecimal number', 'bytes=0x1-0x2'],
    ['a negative number', 'bytes=--5'],
    ['one malformed range among others', 'bytes=0-4,x'],
    ['more than 256 ranges', `bytes=${Array(257).fill('0-0').join(',')}`],
    ['ranges that are more than the whole together', 'bytes=0-99,0-99'],
  ])('%s', (_rule, header) => {
    expect(parseRange(header, 100)).toEqual({ kind: 'whole' })
  })

  test('but 256 ranges are served', () => {
    const header = `bytes=${Array(256).fill('0-0').join(',')}`
    expect(parseRange(header, 256)).toMatchObject({ kind: 'ranges' })
  })
})

test.each(['bytes=0-', 'bytes=-5', 'bytes=0-0'])('%s of empty content is nothing', (header) => {
  expect(parseRange(header, 0)).toEqual({ kind: 'unsatisfiable' })
})

test('a range is never outside the content', () => {
  const number = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat(), fc.constant('9'.repeat(30)))
  const end = fc.oneof(number, fc.constant(''))
  const spec = fc.tuple(end, end).map(([first, last]) => `${first}-${last}`)
  const header = fc.array(spec, { minLength: 1, maxLength: 5 }).map((s) => `bytes=${s.join(',')}`)
  const size = fc.oneof(fc.nat({ max: 200 }), fc.maxSafeNat())
  fc.assert(
    fc.property(header, size, (text, sizeBytes) => {
      const request = parseRange(text, sizeBytes)
      if (request.kind !== 'ranges') return
      expect(request.ranges).not.toEqual([])
      for (const range of request.ranges) {
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeGreaterThanOrEqual(range.start)
        expect(range.end).toBeLessThan(sizeBytes)
      }
    }),
    { numRuns: 1000 },
  )
})

test('any text is a range, nothing or the whole, and never an error', () => {
  const header = fc.string({ unit: anyCharacter }).map((text) => `bytes=${text}`)
  fc.assert(fc.property(header, (text) => parseRange(text, 100).kind !== undefined))
})

test('a Content-Range that was written is read back as the same', () => {
  const ends = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat())
  fc.assert(
    fc.property(ends, (numbers) => {
      const [start = 0, end = 0, last = 0] = [...numbers].sort((a, b) => a - b)
      fc.pre(last < Number.MAX_SAFE_INTEGER)
      const content = { range: { start, end }, size: last + 1 }
      expect(parseContentRange(formatContentRange(content.range, content.size))).toEqual(content)
    }),
  )
})

describe('a Content-Range', () => {
  test.each([
    ['names a range and the total', 'bytes 0-9/100', { range: { start: 0, end: 9 }, size: 100 }],
    ['may hold the last byte', 'bytes 99-99/100', { range: { start: 99, end: 99 }, size: 100 }],
    ['may have spaces around it', ' bytes 0-9/100 ', { range: { start: 0, end: 9 }, size: 100 }],
    ['is not missing', undefined, undefined],
    ['knows its total', 'bytes 0-9/*', undefined],
    ['knows its range', 'bytes */100', undefined],
    ['is in bytes', 'lines 0-9/100', undefined],
    ['has nothing behind it', 'bytes 0-9/100;', undefined],
    ['has no negative numbers', 'bytes -1-9/100', undefined],
    ['does not end before it starts', 'bytes 9-0/100', undefined],
    ['does not end behind the total', 'bytes 0-9/9', undefined],
  ])('%s', (_rule, header, expected) => {
    expect(parseContentRange(header)).toEqual(expected)
  })
})

test('the length of a range counts both ends', () => {
  expect(rangeLength({ start: 5, end: 5 })).toBe(1)
  expect(rangeLength({ start: 0, end: 99 })).toBe(100)
})
