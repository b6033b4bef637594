import { expect, test } from 'vitest'
import { BufferPool } from '../../../src/http/buffer-pool.ts'

const mib = 1024 * 1024
const smallest = 16 * 1024

test('few streams get large buffers, many get small ones, and all together stay bounded', () => {
  const pool = new BufferPool()
  const taken = Array.from({ length: 2000 }, () => pool.take())

  expect(taken[0]?.length).toBe(mib)
  expect(taken.at(-1)?.length).toBe(smallest)
  expect(pool.lentBytes).toBeLessThanOrEqual(32 * mib + taken.length * smallest)
  for (const buffer of taken) pool.give(buffer)
  expect(pool.lentBytes).toBe(0)
})

test('a buffer is used again, and as large as before once others have gone', () => {
  const pool = new BufferPool()
  const first = pool.take()
  pool.give(first)
  expect(pool.take()).toBe(first)

  const crowd = Array.from({ length: 500 }, () => pool.take())
  for (const buffer of crowd) pool.give(buffer)
  expect(pool.take()).toHaveLength(mib)
})

test('another thread may fill a buffer', () => {
  expect(new BufferPool().take().buffer).toBeInstanceOf(SharedArrayBuffer)
})
