import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Renewed } from '../../../src/catalog/renewed.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Something that takes so long to make, and is numbered. */
const start = (tookMs: number, more: { patienceMs?: number; mostMs?: number } = {}) => {
  const errors: unknown[] = []
  const made = { times: 0, fails: false }
  const make = async () => {
    const value = ++made.times
    await new Promise((resolve) => setTimeout(resolve, tookMs))
    if (made.fails) throw new Error(`no ${value}`)
    return value
  }
  const onError = (error: unknown) => errors.push(error)
  const renewed = new Renewed({ make, onError, patienceMs: 100, mostMs: 30_000, ...more })
  const get = async () => {
    const got = renewed.get()
    got.catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    return got
  }
  const getWaiting = async () => {
    const got = renewed.get()
    got.catch(() => {})
    await vi.advanceTimersByTimeAsync(2 * tookMs)
    return got
  }
  return { renewed, made, errors, get, getWaiting }
}

test('who asks at once gets the same, made once', async () => {
  const { renewed, made } = start(10)
  const both = Promise.all([renewed.get(), renewed.get()])
  await vi.advanceTimersByTimeAsync(10)
  expect(await both).toEqual([1, 1])
  expect(made.times).toBe(1)
})

test('what was quick to make is made anew soon, and waited for', async () => {
  const { get, getWaiting } = start(10)
  expect(await getWaiting()).toBe(1)
  await vi.advanceTimersByTimeAsync(20)
  expect(await get()).toBe(1)
  await vi.advanceTimersByTimeAsync(20)
  expect(await getWaiting()).toBe(2)
})

test('what takes long is shown as it was while it is made anew, but not for ever', async () => {
  const { get, getWaiting } = start(400)
  expect(await getWaiting()).toBe(1)
  await vi.advanceTimersByTimeAsync(8_000)
  expect(await get()).toBe(1)
  await vi.advanceTimersByTimeAsync(400)
  expect(await get()).toBe(2)
  await vi.advanceTimersByTimeAsync(31_000)
  expect(await getWaiting()).toBe(3)
})

test('what is outdated is waited for, unless that takes too long', async () => {
  const patient = start(80)
  await patient.getWaiting()
  patient.renewed.outdate()
  expect(await patient.getWaiting()).toBe(2)
  const impatient = start(200)
  await impatient.getWaiting()
  impatient.renewed.outdate()
  expect(await impatient.get()).toBe(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(await impatient.get()).toBe(2)
})

test('what is outdated while it is made is made once more, for all who asked since', async () => {
  const { renewed, made } = start(50)
  const before = renewed.get()
  renewed.outdate()
  const after = Promise.all([renewed.get(), renewed.get()])
  await vi.advanceTimersByTimeAsync(100)
  expect(await before).toBe(1)
  expect(await after).toEqual([2, 2])
  expect(made.times).toBe(2)
})

test('an error goes to who waits, and is told of where nobody does', async () => {
  const { made, errors, get, getWaiting } = start(200)
  made.fails = true
  await expect(getWaiting()).rejects.toThrow('no 1')
  made.fails = false
  expect(await getWaiting()).toBe(2)
  made.fails = true
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await get()).toBe(2)
  await vi.advanceTimersByTimeAsync(200)
  expect(errors).toMatchObject([{ message: 'no 3' }])
})
