import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ThreadWatch } from '../../../src/metrics/thread-watch.ts'

const connections = { open: 0, refused: 0 }

const startWatch = () => {
  const clock = { ms: 0 }
  const watch = new ThreadWatch(() => clock.ms)
  onTestFinished(() => watch.close())
  const findMax = () => watch.describe(connections).delaySeconds.max
  return { clock, watch, findMax }
}

/** Holds up the event loop. */
const block = async (ms: number) => {
  await delay(1)
  const until = performance.now() + ms
  while (performance.now() < until);
  await delay(1)
}

test('a loop that is held up is told for a minute, whoever asked meanwhile', async () => {
  const { clock, findMax } = startWatch()
  findMax()
  await block(500)

  expect(findMax()).toBeGreaterThan(0.49)
  for (const ms of [30_000, 60_000, 90_000]) {
    clock.ms = ms
    expect(findMax()).toBeGreaterThan(0.49)
  }
  clock.ms = 150_000
  expect(findMax()).toBeLessThan(0.4)
})

test('what a thread takes is its own: its heap, and for how long it was busy', async () => {
  const { watch } = startWatch()
  const before = watch.describe(connections)
  await block(100)
  const after = watch.describe({ open: 3, refused: 1 })
  expect(after.activeSeconds - before.activeSeconds).toBeGreaterThan(0.09)
  expect(after.heapUsedBytes).toBeGreaterThan(1e6)
  expect(after.heapTotalBytes).toBeGreaterThanOrEqual(after.heapUsedBytes)
  expect(after.connections).toEqual({ open: 3, refused: 1 })
})
