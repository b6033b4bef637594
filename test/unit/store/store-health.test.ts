import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreHealth } from '../../../src/store/store-health.ts'

const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
const failing = Object.assign(new Error('input/output error'), { code: 'EIO' })
const isFull = 'the disk is full (ENOSPC)'

/** A disk that a test can fill; what was tried and told is listed in order. */
let fault: Error | undefined
let told: string[]
let health: StoreHealth
/** Given, a trial waits for it. */
let gate: Promise<void> | undefined

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  fault = undefined
  gate = undefined
  told = []
  health = new StoreHealth({
    trial: async () => {
      told.push('trial')
      await gate
      if (fault) throw fault
    },
    onFault: (message, error) => told.push(`${message}: ${(error as Error).message}`),
    onRecovered: () => told.push('recovered'),
  })
})
afterEach(async () => {
  await health.close()
  vi.useRealTimers()
})

describe('a disk that is well', () => {
  test('has no fault', async () => {
    expect(health.fault).toBeUndefined()
    expect(await health.check()).toBeUndefined()
    expect(told).toEqual(['trial'])
  })

  test('is tried at most once a second', async () => {
    await health.check()
    vi.advanceTimersByTime(999)
    await health.check()
    expect(told).toEqual(['trial'])
    vi.advanceTimersByTime(1)
    await health.check()
    expect(told).toEqual(['trial', 'trial'])
  })

  test('is not tried while nobody asks', async () => {
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(told).toEqual([])
  })
})

describe('a fault', () => {
  test('that somebody met is known at once, and told once', () => {
    health.note(full)
    health.note(full)
    expect(health.fault).toBe(isFull)
    expect(told).toEqual([`${isFull}: no space left`])
  })

  test('that a trial meets is told once', async () => {
    fault = full
    expect(await health.check()).toBe(isFull)
    expect(await health.check()).toBe(isFull)
    expect(health.fault).toBe(isFull)
    expect(told).toEqual(['trial', `${isFull}: no space left`, 'trial'])
  })

  test('may become another', async () => {
    health.note(full)
    fault = failing
    vi.advanceTimersByTime(3_000)
    expect(await health.check()).toBe('the disk fails (EIO)')
    expect(told).toEqual([`${isFull}: no space left`, 'trial'])
  })

  test('is looked for although all was well a moment ago', async () => {
    await health.check()
    health.note(full)
    fault = full
    expect(await health.check()).toBe(isFull)
  })

  test('that somebody met is to be seen for three seconds, whatever a trial would find', async () => {
    health.note(full)
    vi.advanceTimersByTime(2_999)
    expect(await health.check()).toBe(isFull)
    expect(told).toEqual([`${isFull}: no space left`])
  })

  test('ends when a check finds none, and may come again', async () => {
    health.note(full)
    vi.advanceTimersByTime(3_000)
    expect(await health.check()).toBeUndefined()
    expect(health.fault).toBeUndefined()
    health.note(failing)
    expect(told).toEqual([
      `${isFull}: no space left`,
      'trial',
      'recovered',
      'the disk fails (EIO): input/output error',
    ])
  })

  test('is tried every five seconds until it is over', async () => {
    fault = full
    health.note(full)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(told).toEqual([`${isFull}: no space left`])
    await vi.advanceTimersByTimeAsync(5_001)
    fault = undefined
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(told.slice(1)).toEqual(['trial', 'trial', 'trial', 'recovered'])
    expect(health.fault).toBeUndefined()
  })

  test('that is met during a trial is not taken back by it', async () => {
    const waiting = Promise.withResolvers<void>()
    gate = waiting.promise
    const checking = health.check()
    health.note(full)
    waiting.resolve()
    expect(await checking).toBe(isFull)
    gate = undefined
    vi.advanceTimersByTime(3_000)
    expect(await health.check()).toBeUndefined()
  })
})

test('who asks while a trial is under way waits for it', async () => {
  fault = full
  const answers = await Promise.all([health.check(), health.check(), health.check()])
  expect(answers).toEqual([isFull, isFull, isFull])
  expect(told.filter((what) => what === 'trial')).toHaveLength(1)
})

describe('closed', () => {
  test('it hears of nothing', async () => {
    await health.close()
    health.note(full)
    expect(health.fault).toBeUndefined()
    expect(told).toEqual([])
  })

  test('it waits for a trial, and tells nothing more', async () => {
    health.note(full)
    vi.advanceTimersByTime(3_000)
    const waiting = Promise.withResolvers<void>()
    gate = waiting.promise
    const checking = health.check()
    const closing = health.close()
    waiting.resolve()
    await Promise.all([checking, closing])
    health.note(failing)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toEqual([`${isFull}: no space left`, 'trial'])
  })
})
