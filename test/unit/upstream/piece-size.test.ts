import { expect, test } from 'vitest'
import { leadBytesAt, mostAheadBytesOf, pieceBytesAt } from '../../../src/upstream/piece-size.ts'

const mebibyte = 1024 * 1024

test.each([
  { what: 'of an unknown rate', rate: undefined, blob: 1024, piece: 2 },
  { what: 'of a slow connection', rate: 16e6, blob: 1024, piece: 2 },
  { what: 'of a fast connection', rate: 17e6, blob: 1024, piece: 4 },
  { what: 'of a small blob', rate: 100e6, blob: 511, piece: 2 },
  { what: 'of a blob that is just large enough', rate: 100e6, blob: 512, piece: 4 },
])('a piece $what has $piece MiB', ({ rate, blob, piece }) => {
  expect(pieceBytesAt(rate, blob * mebibyte)).toBe(piece * mebibyte)
})

test.each([
  { rate: undefined, lead: 2 * mebibyte },
  { rate: 10, lead: 256 * 1024 },
  { rate: 10e6, lead: 12e6 },
  { rate: 1e9, lead: 24 * mebibyte },
])('the first piece begins $lead bytes ahead at $rate bytes a second', ({ rate, lead }) => {
  expect(leadBytesAt(rate)).toBe(lead)
})

test.each([
  { blob: 32, ahead: 11 },
  { blob: 256, ahead: 11 },
  { blob: 480, ahead: 20 },
])('of a blob of $blob MiB at most $ahead MiB are gathered ahead', ({ blob, ahead }) => {
  expect(mostAheadBytesOf(blob * mebibyte)).toBe(ahead * mebibyte)
})
