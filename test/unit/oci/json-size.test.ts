import { expect, test } from 'vitest'
import { exceeds } from '../../../src/oci/json-size.ts'

const limits = { depth: 3, count: 5, parts: 8 }

test.each([
  ['nothing', '', undefined],
  ['a text', '"[[[[[["', undefined],
  ['three within each other', '{"a":[{}]}', undefined],
  ['four within each other', '{"a":[{"b":[]}]}', 'depth'],
  ['four that are no JSON', '[[[[', 'depth'],
  ['five beside each other', '[{},{},[],{}]', undefined],
  ['six beside each other', '[{},{},[],{},{}]', 'count'],
  ['eight strings and commas', '["a","b",3,4,5,6,7]', undefined],
  ['nine of them', '["a","b",3,4,5,6,7,8]', 'parts'],
  ['names and their values', '{"a":"1","b":"2","c":"3"}', undefined],
  ['names without values', '{"a":1,"b":2,"c":3,"d":4,"e":5}', 'parts'],
  ['strings beside each other, which are no JSON', '""'.repeat(9), 'parts'],
  ['commas in a string', '",,,,,,,,,,,,"', undefined],
  ['a string whose first quotation mark is its last escaped one', '["a\\"","",1]', undefined],
  ['brackets behind a string that is full of escapes', '["\\"\\\\\\"", [[[]]]]', 'depth'],
  ['brackets behind an escaped quotation mark', '["\\"[[[[", "]"]', undefined],
  ['brackets behind a text that ends with a backslash', '["\\\\",[[[1]]]]', 'depth'],
  ['a text without end', '["\\"[[[[[', undefined],
  ['more that are closed than were opened', ']]]][[[[', undefined],
])('%s', (_what, text, found) => {
  expect(exceeds(Buffer.from(text), limits)).toBe(found)
})

test.each([
  ['backslashes', '\\'],
  ['escaped quotation marks', '\\"'],
])('many megabytes of %s are no effort', (_what, text) => {
  const bytes = Buffer.from(`["${text.repeat(10_000_000)}"]`)
  const start = process.cpuUsage()
  expect(exceeds(bytes, limits)).toBeUndefined()
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(500)
})
