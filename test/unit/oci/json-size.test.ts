import { expect, test } from 'vitest'
import { exceeds } from '../../../src/oci/json-size.ts'

const limits = { depth: 3, count: 5 }

test.each([
  ['nothing', '', undefined],
  ['a text', '"[[[[[["', undefined],
  ['three within each other', '{"a":[{}]}', undefined],
  ['four within each other', '{"a":[{"b":[]}]}', 'depth'],
  ['four that are no JSON', '[[[[', 'depth'],
  ['five beside each other', '[{},{},[],{}]', undefined],
  ['six beside each other', '[{},{},[],{},{}]', 'count'],
  ['brackets behind an escaped quotation mark', '["\\"[[[[", "]"]', undefined],
  ['brackets behind a text that ends with a backslash', '["\\\\",[[[1]]]]', 'depth'],
  ['a text without end', '["\\"[[[[[', undefined],
  ['more that are closed than were opened', ']]]][[[[', undefined],
])('%s', (_what, text, found) => {
  expect(exceeds(Buffer.from(text), limits)).toBe(found)
})

test('a text of many megabytes is no effort', () => {
  const text = Buffer.from(`["${'\\'.repeat(20_000_000)}"]`)
  expect(exceeds(text, limits)).toBeUndefined()
})
