import { expect, test } from 'vitest'
import { knownKeyFor } from '../../../src/config/nearest-key.ts'

const known = ['tagTtl', 'missTtl', 'maxSize', 'ca']

test.each([
  ['capitals do not count', 'tagTTL', 'did you mean tagTtl?'],
  ['a letter may be missing', 'tagTl', 'did you mean tagTtl?'],
  ['a letter may be too many', 'maxSizes', 'did you mean maxSize?'],
  ['two letters may be swapped', 'mxaSize', 'did you mean maxSize?'],
  ['the nearest of several wins', 'misTtl', 'did you mean missTtl?'],
])('%s', (_rule, key, hint) => {
  expect(knownKeyFor(key, known)).toBe(`a known key; ${hint}`)
})

test.each([
  ['a word of its own is like none', 'retries'],
  ['two of two letters is another word', 'xy'],
  ['an empty key is like none', ''],
])('%s', (_rule, key) => {
  expect(knownKeyFor(key, known)).toBe('one of tagTtl, missTtl, maxSize, ca')
})
