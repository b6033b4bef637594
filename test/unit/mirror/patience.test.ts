import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { within } from '../../../src/mirror/patience.ts'

const patienceMs = 5_000
const impatient = () => new Error('not soon enough')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A task that a test lets end. */
function makeTask() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { promise, resolve, reject }
}

test('a task that ends in time gives its result, and leaves no timer', async () => {
  const task = makeTask()
  const waiting = within(task.promise, patienceMs, impatient)
  await vi.advanceTimersByTimeAsync(patienceMs - 1)
  task.resolve('done')
  await expect(waiting).resolves.toBe('done')
  expect(vi.getTimerCount()).toBe(0)
})

test('a task that fails in time fails as it does', async () => {
  const task = makeTask()
  const waiting = within(task.promise, patienceMs, impatient)
  task.reject(new Error('failed'))
  await expect(waiting).rejects.toThrow('failed')
  expect(vi.getTimerCount()).toBe(0)
})

describe('a task that takes too long', () => {
  test('is waited for no longer', async () => {
    const waiting = within(makeTask().promise, patienceMs, impatient)
    const refused = expect(waiting).rejects.toThrow('not soon enough')
    await vi.advanceTimersByTimeAsync(patienceMs)
    await refused
  })

  test('goes on for whoever asks next', async () => {
    const task = makeTask()
    const refused = expect(within(task.promise, patienceMs, impatient)).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(patienceMs)
    await refused
    const next = within(task.promise, patienceMs, impatient)
    task.resolve('done')
    await expect(next).resolves.toBe('done')
  })

  // Vitest fails on a rejection that nobody handles.
  test('may fail afterwards without harm', async () => {
    const task = makeTask()
    const refused = expect(within(task.promise, patienceMs, impatient)).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(patienceMs)
    await refused
    task.reject(new Error('nobody waits for this'))
    await vi.advanceTimersByTimeAsync(1)
  })
})
