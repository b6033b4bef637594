import { expect, test } from 'vitest'
import { Turnstile } from '../../../src/mirror/turnstile.ts'

test('lets as many in at once as it may, for each key', () => {
  const turnstile = new Turnstile(2)
  const leave = turnstile.enter('a')
  expect(turnstile.enter('a')).toBeTypeOf('function')
  expect(turnstile.enter('a')).toBeUndefined()
  expect(turnstile.enter('b')).toBeTypeOf('function')
  leave?.()
  expect(turnstile.enter('a')).toBeTypeOf('function')
})

test('counts who leaves twice once', () => {
  const turnstile = new Turnstile(1)
  const leave = turnstile.enter('a')
  leave?.()
  const next = turnstile.enter('a')
  leave?.()
  expect(next).toBeTypeOf('function')
  expect(turnstile.enter('a')).toBeUndefined()
})
