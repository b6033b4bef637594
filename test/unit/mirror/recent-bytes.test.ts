import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { RecentBytes } from '../../../src/mirror/recent-bytes.ts'
import { Segments } from '../../../src/mirror/segments.ts'

const mib = 1024 * 1024
const whole = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251))

test('bytes are read across chunks, from anywhere in what is there', () => {
  const recent = new RecentBytes(new Segments())
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
  const recent = new RecentBytes(new Segments())
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

test('the last 1.5 MiB at least are held, and read right however the chunks fall', () => {
  const recent = new RecentBytes(new Segments())
  const bytes = randomBytes(9 * mib)
  let end = 0
  for (const length of [100_000, 3 * mib, 65_536, 1_000_001, 2 * mib, 777, 1_500_000]) {
    recent.add([bytes.subarray(end, end + length)], end + length)
    end += length
    const start = Math.max(0, end - 1.5 * mib)
    for (const position of [start, start + 1, end - 5, Math.floor((start + end) / 2)]) {
      const buffer = Buffer.alloc(end - position + 10)
      const count = recent.read(buffer, position)
      expect(count).toBe(end - position)
      expect(buffer.subarray(0, count).equals(bytes.subarray(position, end))).toBe(true)
    }
    expect(recent.read(Buffer.alloc(1), end - 2 * mib - 1)).toBe(0)
  }
})

describe('a view', () => {
  const bytes = randomBytes(8 * mib)
  let recent: RecentBytes
  let end: number

  beforeEach(() => {
    recent = new RecentBytes(new Segments())
    end = 0
  })

  function grow(length: number): void {
    recent.add([bytes.subarray(end, end + length)], end + length)
    end += length
  }

  test('shows what is there, as far as it lies together', () => {
    grow(700_000)
    for (const position of [0, 1, 500_000, 699_999]) {
      const view = recent.view(position)
      const length = view?.bytes.length ?? 0
      expect(length).toBeGreaterThan(0)
      expect(view?.bytes.equals(bytes.subarray(position, position + length))).toBe(true)
    }
    expect(recent.view(700_000)).toBeUndefined()
  })

  test('stays as it is while more comes, until it is let go of', () => {
    grow(100_000)
    const view = recent.view(10)
    for (let step = 0; step < 7; step++) grow(mib)
    expect(view?.bytes.equals(bytes.subarray(10, 100_000))).toBe(true)
  })

  test('is to be had again once others let go of theirs', () => {
    const views = []
    for (let step = 0; step < 8; step++) {
      grow(512 * 1024)
      views.push(recent.view(end - 1))
    }
    grow(512 * 1024)
    expect(views).not.toContain(undefined)
    expect(recent.view(end - 1)).toBeUndefined()
    expect(recent.read(Buffer.alloc(1), end - 1)).toBe(1)
    views[0]?.release()
    expect(recent.view(end - 1)).toBeDefined()
  })
})

test('where there is no memory left nothing is held, until there is again', () => {
  const pool = new Segments()
  const taken = []
  for (let segment = pool.take(); segment; segment = pool.take()) taken.push(segment)
  const recent = new RecentBytes(pool)
  recent.add([whole.subarray(0, 100)], 100)
  expect(recent.view(0)).toBeUndefined()
  for (const segment of taken) pool.give(segment)
  recent.add([whole.subarray(100, 200)], 200)
  expect(recent.view(50)).toBeUndefined()
  expect(recent.view(100)?.bytes).toEqual(whole.subarray(100, 200))
})
