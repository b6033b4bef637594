import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { Bandwidth, type BandwidthShare } from '../../../src/upstream/bandwidth.ts'

const bytesPerSecond = 10_000_000
const chunkBytes = 65_536
/** What may come at once after a pause. */
const burstBytes = bytesPerSecond / 4

let bandwidth: Bandwidth
let ending: AbortController

beforeEach(() => {
  bandwidth = new Bandwidth(bytesPerSecond, () => performance.now())
  ending = new AbortController()
})

type Drinker = { taken: number }

/** Takes chunk after chunk until the end, and counts how much that comes to. */
function drink(): Drinker {
  const drinker = { taken: 0 }
  const drinkOn = async () => {
    for (;;) {
      await bandwidth.take(chunkBytes, ending.signal)
      drinker.taken += chunkBytes
    }
  }
  drinkOn().catch(() => {})
  return drinker
}

/** Lets them drink for so long, and gives how long it was. */
async function drinkFor(ms: number): Promise<number> {
  const startedAt = performance.now()
  await sleep(ms)
  return performance.now() - startedAt
}

function totalOf(drinkers: readonly Drinker[]): number {
  return drinkers.reduce((sum, { taken }) => sum + taken, 0)
}

test.each([1, 2, 16])('the rate holds for %i together, and each gets the same', async (count) => {
  const drinkers = Array.from({ length: count }, drink)
  const elapsedMs = await drinkFor(600)
  ending.abort()
  const total = totalOf(drinkers)
  const due = (elapsedMs / 1000) * bytesPerSecond
  expect(total).toBeGreaterThan(due * 0.9)
  expect(total).toBeLessThanOrEqual(due + burstBytes + 2 * chunkBytes)
  for (const { taken } of drinkers) {
    expect(Math.abs(taken - total / count)).toBeLessThanOrEqual(chunkBytes)
  }
})

test('who comes later gets the same from then on', async () => {
  const first = drink()
  await drinkFor(300)
  const before = first.taken
  const second = drink()
  await drinkFor(300)
  ending.abort()
  expect(second.taken).toBeGreaterThan(10 * chunkBytes)
  expect(Math.abs(first.taken - before - second.taken)).toBeLessThanOrEqual(2 * chunkBytes)
})

test('a pause is made up for by no more than a quarter of a second', async () => {
  let now = 0
  const rested = new Bandwidth(bytesPerSecond, () => now)
  now += 3_600_000
  const startedAt = performance.now()
  for (const bytes of [burstBytes, bytesPerSecond / 5]) await rested.take(bytes, ending.signal)
  expect(performance.now() - startedAt).toBeLessThan(100)
  await rested.take(1, ending.signal)
  expect(performance.now() - startedAt).toBeGreaterThan(195)
})

test('a chunk that is larger than the bucket is paid for afterwards', async () => {
  const startedAt = performance.now()
  await bandwidth.take(burstBytes + bytesPerSecond / 5, ending.signal)
  expect(performance.now() - startedAt).toBeLessThan(100)
  await bandwidth.take(1, ending.signal)
  expect(performance.now() - startedAt).toBeGreaterThan(195)
})

describe('who gives up', () => {
  test('hears so at once, and holds up nobody behind', async () => {
    await bandwidth.take(burstBytes + bytesPerSecond / 5, ending.signal)
    const leaving = new AbortController()
    const left = bandwidth.take(chunkBytes, leaving.signal)
    const behind = bandwidth.take(chunkBytes, ending.signal)
    const startedAt = performance.now()
    leaving.abort()
    await expect(left).rejects.toThrow('aborted')
    expect(performance.now() - startedAt).toBeLessThan(100)
    await expect(behind).resolves.toBeUndefined()
  })

  test('takes nothing', async () => {
    await bandwidth.take(burstBytes + bytesPerSecond / 10, ending.signal)
    const leaving = new AbortController()
    const left = bandwidth.take(1000 * bytesPerSecond, leaving.signal)
    leaving.abort()
    await expect(left).rejects.toThrow('aborted')
    await expect(bandwidth.take(chunkBytes, ending.signal)).resolves.toBeUndefined()
  })

  test('while others are before it is told no later than its turn', async () => {
    const before = bandwidth.take(burstBytes + bytesPerSecond / 10, ending.signal)
    const left = bandwidth.take(chunkBytes, AbortSignal.abort())
    await before
    await expect(left).rejects.toThrow('aborted')
  })
})

test('several who share get together what one gets alone', async () => {
  const share = bandwidth.share()
  const taken = { shared: 0, alone: 0 }
  const drinkOn = async (who: 'shared' | 'alone', from: BandwidthShare) => {
    for (;;) {
      await from.take(chunkBytes, ending.signal)
      taken[who] += chunkBytes
    }
  }
  for (const _ of [1, 2, 3]) drinkOn('shared', share).catch(() => {})
  drinkOn('alone', bandwidth).catch(() => {})
  await drinkFor(600)
  ending.abort()
  expect(taken.alone).toBeGreaterThan(10 * chunkBytes)
  expect(Math.abs(taken.shared - taken.alone)).toBeLessThanOrEqual(2 * chunkBytes)
})
