import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  digestSeededContent,
  readSeededContent,
} from '../../../bench/replay/content/seeded-content.ts'

const sizeBytes = 600_001

const read = (seed: number, start: number, end: number): Buffer =>
  Buffer.concat([...readSeededContent(seed, start, end)])

describe('content from a seed', () => {
  const whole = read(1, 0, sizeBytes)

  test('has the length that was asked for', () => {
    expect(whole.length).toBe(sizeBytes)
  })

  test.each([
    ['the beginning', 0, 10],
    ['within a block', 5, 11],
    ['over the end of a block', 15, 17],
    ['from the middle of a block on', 262_149, sizeBytes],
    ['the last byte', sizeBytes - 1, sizeBytes],
  ])('is the same when a part is read: %s', (_part, start, end) => {
    expect(read(1, start, end).equals(whole.subarray(start, end))).toBe(true)
  })

  test('is another for another seed', () => {
    expect(read(2, 0, 32).equals(whole.subarray(0, 32))).toBe(false)
  })

  test('has the digest that is announced', () => {
    const expected = createHash('sha256').update(whole).digest('hex')
    expect(digestSeededContent(1, sizeBytes)).toBe(`sha256:${expected}`)
  })
})
