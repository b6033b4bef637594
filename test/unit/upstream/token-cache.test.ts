import { beforeEach, describe, expect, test } from 'vitest'
import { type Token, TokenCache } from '../../../src/upstream/token-cache.ts'

const lifeMs = 100_000
let now: number
let asked: number
let cache: TokenCache

beforeEach(() => {
  now = 1_000_000
  asked = 0
  cache = new TokenCache(() => now)
})

/** Gives `token 1`, `token 2` and so on. */
async function fetchToken(): Promise<Token> {
  asked++
  return { value: `token ${asked}`, expiresAt: now + lifeMs }
}

async function refuse(): Promise<Token> {
  asked++
  throw new Error('no token')
}

describe('a token is asked for once', () => {
  test('however many wait for it', async () => {
    const answer = Promise.withResolvers<Token>()
    const wait = () => {
      asked++
      return answer.promise
    }
    const waiting = Array.from({ length: 100 }, () => cache.get('a', wait))
    answer.resolve({ value: 'one', expiresAt: now + lifeMs })
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['one']))
    expect(asked).toBe(1)
  })

  test('while it lives', async () => {
    await cache.get('a', fetchToken)
    now += 0.9 * lifeMs - 1
    expect(await cache.get('a', fetchToken)).toBe('token 1')
  })

  test('for each scope', async () => {
    await cache.get('a', fetchToken)
    expect(await cache.get('b', fetchToken)).toBe('token 2')
    expect(await cache.get('a', fetchToken)).toBe('token 1')
  })
})

describe('a token is asked for again', () => {
  test('when nine tenths of its life are over', async () => {
    await cache.get('a', fetchToken)
    now += 0.9 * lifeMs
    expect(await cache.get('a', fetchToken)).toBe('token 2')
  })

  test('counting from when it was asked for', async () => {
    await cache.get('a', async () => {
      const token = await fetchToken()
      now += 0.5 * lifeMs
      return token
    })
    now += 0.4 * lifeMs
    expect(await cache.get('a', fetchToken)).toBe('token 2')
  })

  test('when it was dead on arrival', async () => {
    await cache.get('a', async () => ({ ...(await fetchToken()), expiresAt: now }))
    expect(await cache.get('a', fetchToken)).toBe('token 2')
  })

  test('when it was refused', async () => {
    cache.drop('a', await cache.get('a', fetchToken))
    expect(await cache.get('a', fetchToken)).toBe('token 2')
  })
})

describe('a token that was refused', () => {
  test('does not take a newer one with it', async () => {
    const old = await cache.get('a', fetchToken)
    cache.drop('a', old)
    await cache.get('a', fetchToken)
    cache.drop('a', old)
    expect(await cache.get('a', fetchToken)).toBe('token 2')
  })

  test('does not take that of another scope with it', async () => {
    const value = await cache.get('a', fetchToken)
    await cache.get('b', fetchToken)
    cache.drop('a', value)
    expect(await cache.get('b', fetchToken)).toBe('token 2')
  })

  test('may be unknown', () => {
    expect(() => cache.drop('a', 'none')).not.toThrow()
  })
})

describe('a failure', () => {
  test('is told to all who wait, after one attempt', async () => {
    const waiting = Array.from({ length: 10 }, () => cache.get('a', refuse))
    const results = await Promise.allSettled(waiting)
    expect(results.map((result) => result.status)).toEqual(Array(10).fill('rejected'))
    expect(asked).toBe(1)
  })

  test('is not remembered', async () => {
    await expect(cache.get('a', refuse)).rejects.toThrow('no token')
    expect(await cache.get('a', fetchToken)).toBe('token 2')
  })
})
