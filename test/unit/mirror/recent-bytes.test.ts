import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { RecentBytes } from '../../../src/mirror/recent-bytes.ts'

const mib = 1024 * 1024
const whole = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251))

test('bytes are read across chunks, from anywhere in what is there', () => {
  const recent = new RecentBytes()
  let end = 0
  for (const length of [1, 99, 400, 500]) {
    recent.add([whole.subarray(end, end + length)], end + length)
    end += length
  }
  for (const [position, length] of [
    [0, 1000],
    [50, 10],
    [99, 2],
    [500, 499],
    [999, 50],
  ] as const) {
    const buffer = Buffer.alloc(length)
    const count = recent.read(buffer, position)
    expect(count).toBe(Math.min(length, 1000 - position))
    expect(buffer.subarray(0, count)).toEqual(whole.subarray(position, position + count))
  }
})

test('what is not there is not read: before, behind, after a gap, after clearing', () => {
  const recent = new RecentBytes()
  const buffer = Buffer.alloc(10)
  expect(recent.read(buffer, 0)).toBe(0)
  recent.add([whole.subarray(100, 200)], 200)
  expect(recent.read(buffer, 99)).toBe(0)
  expect(recent.read(buffer, 200)).toBe(0)
  recent.add([whole.subarray(300, 400)], 400)
  expect(recent.read(buffer, 150)).toBe(0)
  expect(recent.read(buffer, 300)).toBe(10)
  recent.clear()
  expect(recent.read(buffer, 300)).toBe(0)
})

test('the last 2 MiB are held, and read right however the chunks fall', () => {
  const recent = new RecentBytes()
  const bytes = randomBytes(9 * mib)
  let end = 0
  for (const length of [100_000, 3 * mib, 65_536, 1_000_001, 2 * mib, 777, 1_500_000]) {
    recent.add([bytes.subarray(end, end + length)], end + length)
    end += length
    const start = Math.max(0, end - 2 * mib)
    for (const position of [start, start + 1, end - 5, Math.floor((start + end) / 2)]) {
      const buffer = Buffer.alloc(end - position + 10)
      const count = recent.read(buffer, position)
      expect(count).toBe(end - position)
      expect(buffer.subarray(0, count).equals(bytes.subarray(position, end))).toBe(true)
    }
    expect(recent.read(Buffer.alloc(1), start - 1)).toBe(0)
  }
})
