import { expect, test } from 'vitest'
import { BoundedQueue } from '../../src/bounded-queue.ts'

test('so many run at once, so many more wait in their order, and others are refused', async () => {
  const queue = new BoundedQueue({ atOnce: 2, mostWaiting: 2, what: 'reports' })
  const begun: number[] = []
  const ends = Array.from({ length: 6 }, () => Promise.withResolvers<void>())
  const run = (index: number) =>
    queue.run(async () => {
      begun.push(index)
      await ends[index]?.promise
    })
  const running = [0, 1, 2, 3].map(run)
  await expect(run(4)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 10 })
  expect(begun).toEqual([0, 1])

  ends[1]?.resolve()
  await running[1]
  expect(begun).toEqual([0, 1, 2])

  // One that fails gives its place back, too.
  ends[0]?.reject(new Error('no database'))
  await expect(running[0]).rejects.toThrow('no database')
  expect(begun).toEqual([0, 1, 2, 3])
  for (const { resolve } of ends) resolve()
  await Promise.all(running.slice(2))
  await run(5)
  expect(begun).toEqual([0, 1, 2, 3, 5])
})
