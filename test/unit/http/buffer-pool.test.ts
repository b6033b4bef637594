import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BufferPool } from '../../../src/http/buffer-pool.ts'
import { slabBytes } from '../../../src/http/slab.ts'

const mib = 1024 * 1024
const smallest = 16 * 1024
const budget = 24 * mib
/** Just enough for a buffer of 1 MiB while nothing is lent. */
const scarceBudget = 8 * mib

/** What the buffers are cut from. */
function memoriesOf(buffers: Iterable<Buffer>): Set<ArrayBufferLike> {
  return new Set(Array.from(buffers, ({ buffer }) => buffer))
}

function allocatedBytes(buffers: Iterable<Buffer>): number {
  return [...memoriesOf(buffers)].reduce((sum, { byteLength }) => sum + byteLength, 0)
}

function hasOverlap(buffers: readonly Buffer[]): boolean {
  for (const memory of memoriesOf(buffers)) {
    const sorted = buffers
      .filter(({ buffer }) => buffer === memory)
      .sort((a, b) => a.byteOffset - b.byteOffset)
    let end = 0
    for (const { byteOffset, length } of sorted) {
      if (byteOffset < end) return true
      end = byteOffset + length
    }
  }
  return false
}

test('few streams get large buffers, many get small ones, and all together stay bounded', () => {
  const pool = new BufferPool(budget)
  const taken = Array.from({ length: 2000 }, () => pool.take())

  expect(taken[0]?.length).toBe(mib)
  expect(taken.at(-1)?.length).toBe(smallest)
  expect(allocatedBytes(taken)).toBeLessThanOrEqual(budget + taken.length * smallest)
})

test('what was given back counts no more', () => {
  const pool = new BufferPool(scarceBudget)
  const taken = Array.from({ length: 2000 }, () => pool.take())
  expect(new Set(taken.map(({ length }) => length)).size).toBeGreaterThan(1)
  for (const buffer of taken) pool.give(buffer)

  expect(pool.take()).toHaveLength(mib)
  expect(pool.take().length).toBeLessThan(mib)
})

test('a buffer is used again, and as large as before once others have gone', () => {
  const pool = new BufferPool(budget)
  const first = pool.take()
  pool.give(first)
  expect(pool.take()).toBe(first)

  const crowd = Array.from({ length: 500 }, () => pool.take())
  for (const buffer of crowd) pool.give(buffer)
  expect(pool.take()).toHaveLength(mib)
})

test('streams that come, move and go use the same memory, whatever the sizes they get', () => {
  const pool = new BufferPool(budget)
  const seen = new Set<ArrayBufferLike>()
  const last = pool.take()
  const most = 300
  for (const count of [3, most, 10, 100, 30, most, 1, 200]) {
    const crowd = Array.from({ length: count }, () => pool.take())
    for (let turn = 0; turn < 1000; turn += 1) {
      const [gone] = crowd.splice((turn * 7) % count, 1, pool.take())
      if (gone) pool.give(gone)
    }
    for (const { buffer } of crowd) seen.add(buffer)
    for (const buffer of crowd) pool.give(buffer)
  }
  pool.give(last)
  // What is beyond the budget is let go after each of the three large crowds.
  expect(seen.size * mib).toBeLessThanOrEqual(budget + 3 * (most * smallest + mib))
})

test('what a crowd needed beyond the budget is let go while a stream still runs', () => {
  const pool = new BufferPool(budget)
  const last = pool.take()
  const crowd = Array.from({ length: 4000 }, () => pool.take())
  const before = memoriesOf(crowd)
  for (const buffer of crowd) pool.give(buffer)

  const again = memoriesOf(Array.from({ length: 4000 }, () => pool.take()))
  const kept = [...again].filter((memory) => before.has(memory))
  expect(before.size * mib).toBeGreaterThan(2 * budget)
  expect(kept.length * mib).toBeLessThanOrEqual(budget)
  pool.give(last)
})

test('nearly all is let go when no stream runs', () => {
  const pool = new BufferPool(budget)
  const crowd = Array.from({ length: 100 }, () => pool.take())
  const before = memoriesOf(crowd)
  for (const buffer of crowd) pool.give(buffer)

  const again = memoriesOf(Array.from({ length: 100 }, () => pool.take()))
  expect([...again].filter((memory) => before.has(memory))).toHaveLength(2)
})

test('no two lent buffers overlap, and memory is the budget and 16 KiB a buffer', () => {
  const steps = fc.array(fc.record({ takes: fc.nat(40), gives: fc.nat(40), from: fc.nat() }), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(steps, fc.constantFrom(mib / 2, 2 * mib, 4 * mib + 1), (sequence, budgetBytes) => {
      const pool = new BufferPool(budgetBytes)
      const lent: Buffer[] = []
      let most = 0
      for (const { takes, gives, from } of sequence) {
        for (let i = 0; i < takes; i += 1) lent.push(pool.take())
        most = Math.max(most, lent.length)
        for (let i = 0; i < gives && lent.length > 0; i += 1) {
          for (const buffer of lent.splice(from % lent.length, 1)) pool.give(buffer)
        }
        expect(hasOverlap(lent)).toBe(false)
        // Slabs are allocated whole.
        const bound = Math.max(budgetBytes, mib) + most * smallest + mib
        expect(allocatedBytes(lent)).toBeLessThanOrEqual(bound)
      }
      for (const buffer of lent) pool.give(buffer)
      expect(pool.take().length).toBe(new BufferPool(budgetBytes).take().length)
    }),
  )
})

test('what is not lent cannot be given back', () => {
  const pool = new BufferPool(scarceBudget)
  const buffer = pool.take()
  pool.give(buffer)
  expect(() => pool.give(buffer)).toThrow('not lent')
  expect(() => pool.give(Buffer.alloc(smallest))).toThrow('not of')
  expect(pool.take()).toBe(buffer)
  expect(pool.take().length).toBeLessThan(mib)
})

test('what no stream is likely to need soon goes back to the system at once', () => {
  const pool = new BufferPool()
  const buffers = Array.from({ length: 200 }, () => pool.take())
  const slabs = [...new Set(buffers.map(({ buffer }) => buffer))]
  for (const buffer of buffers) pool.give(buffer)
  const left = slabs.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(slabs.length).toBeGreaterThan(10)
  expect(left).toBeLessThanOrEqual(2 * slabBytes)
})
