import { expect, test } from 'vitest'
import { Crowding } from '../../../src/space/crowding.ts'

const hourMs = 3_600_000

/** Ours has written all that is used. */
const ours = { usedBytes: 500, writtenBytes: 500 }
const grown = { usedBytes: 900, writtenBytes: 900 }
const filled = { usedBytes: 900, writtenBytes: 500 }

const start = () => {
  const crowding = new Crowding()
  crowding.calm(ours)
  const limit = (
    { excessBytes = 900, mirroredBytes = 100, spareBytes = 0, pushedBytes = 0 },
    { growth = filled, now = 0 } = {},
  ) => crowding.limit({ excessBytes, mirroredBytes, spareBytes, pushedBytes }, growth, now)
  return { crowding, limit }
}

test('what we have written goes, if it is no more than half', () => {
  const { crowding, limit } = start()
  expect(limit({ excessBytes: 50 }, { growth: grown })).toEqual({ bytes: 50, isTheirs: false })
  expect(limit({ excessBytes: 51 }, { growth: grown })).toEqual({ bytes: 0, isTheirs: true })
  expect(crowding.isHeld).toBe(true)
})

test('for others it gives way once in an hour', () => {
  const { crowding, limit } = start()
  const fill = (usedBytes: number, now: number) =>
    limit({ excessBytes: 50 }, { growth: { usedBytes, writtenBytes: 500 }, now })
  expect(fill(900, 0)).toEqual({ bytes: 50, isTheirs: true })
  crowding.calm({ usedBytes: 800, writtenBytes: 500 })
  expect(fill(900, hourMs - 1)).toEqual({ bytes: 0, isTheirs: true })
  crowding.calm({ usedBytes: 800, writtenBytes: 500 })
  expect(fill(900, hourMs)).toEqual({ bytes: 50, isTheirs: true })
})

test('where it holds its size, what comes takes the place of what is there', () => {
  const { limit } = start()
  expect(limit({}).bytes).toBe(0)
  expect(limit({ mirroredBytes: 110 }).bytes).toBeCloseTo(20)
  expect(limit({ mirroredBytes: 90 }).bytes).toBe(0)
  expect(limit({ mirroredBytes: 100 }).bytes).toBe(0)
})

test('an empty cache takes half of what room there is', () => {
  const { limit } = start()
  const limitOf = (mirroredBytes: number) =>
    limit({ mirroredBytes, spareBytes: 200 - mirroredBytes }).bytes
  expect([limitOf(0), limitOf(100)]).toEqual([0, 0])
  expect(limitOf(101)).toBeCloseTo(11)
})

test('what the disk does not give back is others’ by then', () => {
  const { crowding, limit } = start()
  expect(limit({ excessBytes: 50 }, { growth: grown }).bytes).toBe(50)
  crowding.noteFreed(50)
  expect(limit({ excessBytes: 50 }, { growth: grown })).toEqual({ bytes: 50, isTheirs: true })
  crowding.noteFreed(50)
  expect(limit({ excessBytes: 50 }, { growth: grown })).toEqual({ bytes: 0, isTheirs: true })
})

test('for what is pushed all goes that may', () => {
  const { crowding, limit } = start()
  const pushed = { excessBytes: 900, pushedBytes: 800 }
  expect(limit(pushed, { growth: grown })).toEqual({ bytes: 100, isTheirs: false })
  expect(crowding.isHeld).toBe(false)
})

test('once the others are gone it is over', () => {
  const { crowding, limit } = start()
  limit({})
  expect(crowding.isHeld).toBe(true)
  crowding.calm(ours)
  expect(crowding.isHeld).toBe(false)
  expect(limit({ excessBytes: 10 }, { growth: grown, now: 2 * hourMs }).bytes).toBe(10)
})
