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

test('no more than 2 MiB and a chunk are held', () => {
  const recent = new RecentBytes()
  const chunk = Buffer.alloc(64 * 1024)
  for (let end = chunk.length; end <= 10 * mib; end += chunk.length) recent.add([chunk], end)
  const buffer = Buffer.alloc(10 * mib)
  expect(recent.read(buffer, 8 * mib - chunk.length)).toBeLessThanOrEqual(2 * mib + chunk.length)
  expect(recent.read(buffer, 7 * mib)).toBe(0)
  expect(recent.read(buffer, 8 * mib)).toBe(2 * mib)
})
