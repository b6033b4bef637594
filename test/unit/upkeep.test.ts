import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { Upkeep } from '../../src/upkeep.ts'

const pruned = {
  repository: parseRepository('team/app'),
  digest: digestOf(Buffer.from('image')),
  tags: ['v1' as Tag],
  pushedAt: 0,
}

const lines: string[] = []
let freed = 0
let failure: Error | undefined
let upkeep: Upkeep

beforeEach(() => {
  vi.useFakeTimers()
  lines.length = 0
  freed = 0
  failure = undefined
  upkeep = new Upkeep({
    prune: async () => {
      if (failure) throw failure
      return [pruned]
    },
    free: async () => ({ blobs: ++freed, bytes: 2048 }),
    logger: pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) }),
  })
})
afterEach(async () => {
  await upkeep.close()
  vi.useRealTimers()
})

test('it is done a minute after the start and then each hour, and says what it did', async () => {
  await vi.advanceTimersByTimeAsync(59_000)
  expect(freed).toBe(0)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(freed).toBe(1)
  expect(lines).toEqual(['retention removed team/app v1', 'freed 2.0 KiB, blobs: 1'])
  await vi.advanceTimersByTimeAsync(2 * 3_600_000)
  expect(freed).toBe(3)
})

test('it is done soon after something was removed, once for all of it', async () => {
  await vi.advanceTimersByTimeAsync(120_000)
  for (let times = 0; times < 3; times++) {
    upkeep.noteRemoval()
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(freed).toBe(1)
  await vi.advanceTimersByTimeAsync(6_000)
  expect(freed).toBe(2)
})

test('what fails is said, and tried again', async () => {
  failure = new Error('no')
  await vi.advanceTimersByTimeAsync(61_000)
  expect(lines).toEqual([expect.stringContaining('tried again')])
  failure = undefined
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(freed).toBe(1)
})

test('nothing of it is done once it is closed', async () => {
  upkeep.noteRemoval()
  await upkeep.close()
  await vi.advanceTimersByTimeAsync(2 * 3_600_000)
  expect(freed).toBe(0)
})

test('nothing is begun once it is closed, though something is removed yet', async () => {
  await upkeep.close()
  upkeep.noteRemoval()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(freed).toBe(0)
})
