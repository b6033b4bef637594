import { beforeEach, describe, expect, test } from 'vitest'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { Misses } from '../../../src/upstream/misses.ts'
import { UpstreamError, type UpstreamErrorKind } from '../../../src/upstream/upstream-error.ts'

const ttlMs = 30_000

let now: number
let asked: number
let misses: Misses

beforeEach(() => {
  now = 1_000_000
  asked = 0
  misses = new Misses(() => now)
})

function ask(kind: UpstreamErrorKind) {
  return async (): Promise<never> => {
    asked++
    throw new UpstreamError(dockerHub, kind, `answer ${asked}`)
  }
}

async function find(): Promise<string> {
  asked++
  return 'found'
}

describe('what upstream does not have', () => {
  test('is not asked for again within its time, and in the same words', async () => {
    await expect(misses.run('a', ttlMs, ask('not-found'))).rejects.toThrow('answer 1')
    now += ttlMs - 1
    await expect(misses.run('a', ttlMs, find)).rejects.toThrow('answer 1')
    expect(asked).toBe(1)
  })

  test('is asked for again afterwards', async () => {
    await expect(misses.run('a', ttlMs, ask('not-found'))).rejects.toThrow()
    now += ttlMs
    expect(await misses.run('a', ttlMs, find)).toBe('found')
  })

  test('says nothing of anything else', async () => {
    await expect(misses.run('a', ttlMs, ask('not-found'))).rejects.toThrow()
    expect(await misses.run('b', ttlMs, find)).toBe('found')
  })

  test('is asked for each time where nothing is to be remembered', async () => {
    for (const _ of [1, 2, 3]) await expect(misses.run('a', 0, ask('not-found'))).rejects.toThrow()
    expect(asked).toBe(3)
  })

  test('is remembered from when the answer came', async () => {
    const askSlowly = async () => {
      now += 20_000
      return ask('not-found')()
    }
    await expect(misses.run('a', ttlMs, askSlowly)).rejects.toThrow()
    now += ttlMs - 1
    await expect(misses.run('a', ttlMs, find)).rejects.toThrow('answer 1')
  })
})

describe('is not remembered', () => {
  test.each(['denied', 'limited', 'unavailable', 'invalid', 'offline'] as const)(
    'an upstream error of kind %s',
    async (kind) => {
      await expect(misses.run('a', ttlMs, ask(kind))).rejects.toThrow()
      expect(await misses.run('a', ttlMs, find)).toBe('found')
    },
  )

  test('a fault of our own', async () => {
    const breakDown = () => Promise.reject(new Error('a fault of our own'))
    await expect(misses.run('a', ttlMs, breakDown)).rejects.toThrow('a fault of our own')
    expect(await misses.run('a', ttlMs, find)).toBe('found')
  })

  test('what was found', async () => {
    await misses.run('a', ttlMs, find)
    await misses.run('a', ttlMs, find)
    expect(asked).toBe(2)
  })
})

test('what was missed longest ago gives way where there is too much of it', async () => {
  for (let name = 0; name <= 10_000; name++) {
    await misses.run(`${name}`, ttlMs, ask('not-found')).catch(() => {})
  }
  expect(await misses.run('0', ttlMs, find)).toBe('found')
  await expect(misses.run('10000', ttlMs, find)).rejects.toThrow('answer 10001')
})
