import { expect, test } from 'vitest'
import { isSameHash, makeToken, parseToken } from '../../../src/access/token-secret.ts'

test('a token that was made is read as it was made, and each is another', () => {
  const { text, id, secretHash } = makeToken()
  expect(text).toMatch(/^entrepot_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/)
  expect(text).toContain(id)
  expect(secretHash).toMatch(/^[0-9a-f]{64}$/)
  expect(parseToken(text)).toEqual({ id, secretHash })
  expect(makeToken().text).not.toBe(text)
})

const { text } = makeToken()

test.each([
  '',
  'entrepot_',
  text.slice(0, -1),
  `${text}a`,
  ` ${text}`,
  `${text}\n`,
  text.toUpperCase(),
  text.replace('entrepot', 'other'),
])('%j is no token', (wrong) => {
  expect(parseToken(wrong)).toBeUndefined()
})

test('hashes are the same where all of them is', () => {
  const { secretHash } = makeToken()
  expect(isSameHash(secretHash, secretHash)).toBe(true)
  expect(isSameHash(secretHash, makeToken().secretHash)).toBe(false)
  expect(isSameHash(secretHash, secretHash.slice(1))).toBe(false)
  expect(isSameHash('', secretHash)).toBe(false)
})
