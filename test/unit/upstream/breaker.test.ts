import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { Breaker } from '../../../src/upstream/breaker.ts'
import { UpstreamError } from '../../../src/upstream/upstream-error.ts'

const broken = new UpstreamError(dockerHub, 'unavailable', 'broke the connection')
const silent = new UpstreamError(dockerHub, 'unavailable', 'is silent', { isTimeout: true })
const invalid = new UpstreamError(dockerHub, 'invalid', 'sent a page')
/** A wait of two seconds, more or less by chance. */
const waitsMs = { shortest: 1_500, longest: 2_500 }

let breaker: Breaker
/** What was told, in order. */
let told: ('open' | 'outage' | 'over')[]
/** Those of the trials. */
let deadlines: number[]
/** What the URL answers to a trial; without an error it answers well. */
let answer: () => Promise<void>
let isSuspended: boolean

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  told = []
  deadlines = []
  answer = () => Promise.reject(broken)
  isSuspended = false
  breaker = new Breaker({
    upstream: dockerHub,
    held: undefined,
    elapsedMs: () => performance.now(),
    probe: (deadlineMs) => {
      deadlines.push(deadlineMs)
      return answer()
    },
    deadlinesMs: [1_000, 5_000],
    isSuspended: () => isSuspended,
    onOpen: () => told.push('open'),
    onOutage: () => told.push('outage'),
    onEnd: () => told.push('over'),
  })
})
afterEach(() => {
  breaker.close()
  vi.useRealTimers()
})

function limited(retryAfterSeconds?: number): UpstreamError {
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  return new UpstreamError(dockerHub, 'limited', 'limits us', { status: 429, ...details })
}

describe('a URL may be asked', () => {
  test('while fewer than three requests in a row have failed', async () => {
    for (const _ of [1, 2, 3]) {
      breaker.failed(broken)
      breaker.failed(broken)
      breaker.succeeded()
    }
    await expect(breaker.pass()).resolves.toBeUndefined()
    expect(told).toEqual([])
  })

  test('however often what it answers makes no sense', async () => {
    for (const _ of [1, 2, 3, 4, 5]) breaker.failed(invalid)
    await expect(breaker.pass()).resolves.toBeUndefined()
  })
})

test('what another host said is no word on the URL', () => {
  const elsewhere = { isElsewhere: true, retryAfterSeconds: 60 }
  const error = new UpstreamError(dockerHub, 'limited', 'limits us', elsewhere)
  for (const _ of [1, 2, 3]) expect(breaker.failed(error)).toBe(error)
  expect(breaker.outage).toBeUndefined()
})

describe('a URL is left alone', () => {
  test('after three failures in a row', async () => {
    for (const _ of [1, 2, 3]) breaker.failed(broken)
    expect(breaker.outage).toMatchObject({ error: broken, since: performance.now() })
    await expect(breaker.pass()).rejects.toBe(broken)
  })

  test('after one wait in vain', async () => {
    breaker.failed(silent)
    expect(breaker.outage?.error).toBe(silent)
  })

  test('of which people hear once a trial has confirmed it, and once only', async () => {
    for (const _ of [1, 2, 3, 4, 5, 6]) breaker.failed(broken)
    breaker.failed(silent)
    expect(told).toEqual(['open'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toEqual(['open', 'outage'])
  })

  test('of which nobody hears where a trial shows at once that it is well', async () => {
    answer = () => Promise.resolve()
    breaker.failed(silent)
    await vi.advanceTimersByTimeAsync(0)
    expect(breaker.outage).toBeUndefined()
    expect(told).toEqual(['open'])
  })
})

describe('a URL that is left alone is tried', () => {
  beforeEach(() => breaker.failed(silent))

  test('at once, and then every two seconds', async () => {
    await vi.advanceTimersByTimeAsync(0)
    expect(deadlines).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(waitsMs.shortest - 1)
    expect(deadlines).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(waitsMs.longest - waitsMs.shortest + 1)
    expect(deadlines).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(deadlines.length).toBeGreaterThan(60_000 / waitsMs.longest)
    expect(deadlines.length).toBeLessThan(60_000 / waitsMs.shortest + 3)
  })

  test('with more patience each time, up to the longest', async () => {
    await vi.advanceTimersByTimeAsync(20_000)
    expect(deadlines.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
  })

  test('one time for all who wait for it', async () => {
    const tried = Promise.withResolvers<void>()
    answer = () => tried.promise
    const passing = Array.from({ length: 20 }, () => breaker.pass())
    tried.resolve()
    await Promise.all(passing)
    expect(deadlines).toHaveLength(1)
    expect(breaker.outage).toBeUndefined()
  })

  test('no more than once a second for those who ask one after another', async () => {
    for (const _ of [1, 2, 3, 4]) await expect(breaker.pass()).rejects.toBe(broken)
    expect(deadlines).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect(breaker.pass()).rejects.toBe(broken)
    expect(deadlines).toHaveLength(2)
  })

  test('no more while nothing may be asked, and again afterwards', async () => {
    isSuspended = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(deadlines).toEqual([])
    isSuspended = false
    await vi.advanceTimersByTimeAsync(waitsMs.longest)
    expect(deadlines).not.toEqual([])
  })

  test('no more once it is closed', async () => {
    breaker.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(deadlines).toEqual([])
  })

  test('and what the last trial showed is what clients are told', async () => {
    await vi.advanceTimersByTimeAsync(0)
    expect(breaker.outage?.error).toBe(broken)
  })
})

describe('a URL is asked again', () => {
  test('when a trial goes well', async () => {
    breaker.failed(silent)
    await vi.advanceTimersByTimeAsync(0)
    answer = () => Promise.resolve()
    await vi.advanceTimersByTimeAsync(waitsMs.longest)
    expect(breaker.outage).toBeUndefined()
    expect(told).toEqual(['open', 'outage', 'over'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(deadlines).toHaveLength(2)
  })

  test('when a request that was under way goes well', async () => {
    breaker.failed(silent)
    breaker.succeeded()
    await expect(breaker.pass()).resolves.toBeUndefined()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(deadlines).toEqual([])
  })

  test('less and less often where it answers trials and no requests, but at least every 10 s', async () => {
    answer = () => Promise.resolve()
    const pausesMs: number[] = []
    for (const _ of [1, 2, 3, 4, 5, 6, 7]) {
      for (const _failure of [1, 2, 3]) breaker.failed(broken)
      const openedAt = performance.now()
      while (breaker.outage) await vi.advanceTimersByTimeAsync(50)
      pausesMs.push(performance.now() - openedAt)
    }
    expect(pausesMs[0]).toBeLessThanOrEqual(50)
    expect(pausesMs.at(-1)).toBeGreaterThan(5_000)
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(10_050)
  })

  test('at once after each silence that a trial shows to be none', async () => {
    answer = () => Promise.resolve()
    for (const _ of [1, 2, 3, 4, 5, 6, 7]) {
      breaker.failed(silent)
      await vi.advanceTimersByTimeAsync(50)
      expect(breaker.outage).toBeUndefined()
    }
  })

  test('again and again, however it was asked between', async () => {
    breaker.failed(silent)
    await vi.advanceTimersByTimeAsync(50)
    breaker.succeeded()
    breaker.failed(silent)
    await vi.advanceTimersByTimeAsync(500)
    answer = () => Promise.resolve()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(breaker.outage).toBeUndefined()
  })
})

describe('a URL that said how long it is not to be asked', () => {
  test('is not asked until then, not even for a trial', async () => {
    breaker.failed(limited(30))
    await vi.advanceTimersByTimeAsync(29_500)
    await expect(breaker.pass()).rejects.toMatchObject({ kind: 'limited', retryAfterSeconds: 1 })
    expect(deadlines).toEqual([])
    await vi.advanceTimersByTimeAsync(500)
    await expect(breaker.pass()).resolves.toBeUndefined()
    expect(told).toEqual(['outage', 'over'])
  })

  test('may have said so with a 503', async () => {
    const details = { status: 503, retryAfterSeconds: 7 }
    breaker.failed(new UpstreamError(dockerHub, 'unavailable', 'answered 503', details))
    await expect(breaker.pass()).rejects.toMatchObject({ status: 503, retryAfterSeconds: 7 })
    expect(deadlines).toEqual([])
  })

  test('is told of in the same words, with what is left to wait', async () => {
    breaker.failed(limited(30))
    await vi.advanceTimersByTimeAsync(10_000)
    await expect(breaker.pass()).rejects.toMatchObject({
      message: 'docker.io limits us',
      retryAfterSeconds: 20,
    })
  })

  test('is held to the longest of what it said', async () => {
    breaker.failed(limited(30))
    breaker.failed(limited(1))
    expect(breaker.outage?.until).toBe(performance.now() + 30_000)
  })

  test('is still limited when an earlier request is answered', () => {
    breaker.failed(limited(30))
    breaker.succeeded()
    expect(breaker.outage?.until).toBeDefined()
  })

  test('may have said so to a trial', async () => {
    breaker.failed(silent)
    answer = () => Promise.reject(limited(60))
    await vi.advanceTimersByTimeAsync(59_000)
    expect(deadlines).toHaveLength(1)
    expect(told).toEqual(['open', 'outage'])
  })

  test('and limits many that were under way limits them once', () => {
    for (const _ of [1, 2, 3]) breaker.failed(limited())
    expect(breaker.outage?.until).toBe(performance.now() + 10_000)
    expect(told).toEqual(['outage'])
  })

  test('and did not say how long waits longer each time, up to five minutes', () => {
    const pausesMs = [1, 2, 3, 4, 5, 6, 7].map(() => {
      breaker.failed(limited())
      const { until = 0 } = breaker.outage ?? {}
      const pauseMs = until - performance.now()
      vi.advanceTimersByTime(pauseMs)
      expect(breaker.outage).toBeUndefined()
      return pauseMs
    })
    expect(pausesMs).toEqual([10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1000))
  })
})
