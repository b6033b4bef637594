import { describe, expect, test } from 'vitest'
import { parseTagPattern } from '../../../src/oci/tag-pattern.ts'

/** Of the length that a tag may have; by JavaScript's own engine each would take years. */
const cruel = [`${'a'.repeat(127)}-`, `${'ab'.repeat(63)}--`]

describe('a pattern', () => {
  test.each([
    ['^[0-9a-f]{7}$', ['0123abc'], ['0123abcd', 'latest']],
    ['^v', ['v1', 'v'], ['1v']],
    ['(?i)^rc-', ['RC-1'], ['1-rc-']],
    ['', ['latest'], []],
  ])('%s means what it says', (text, meant, others) => {
    const pattern = parseTagPattern(text)
    for (const tag of meant) expect(pattern?.test(tag)).toBe(true)
    for (const tag of others) expect(pattern?.test(tag)).toBe(false)
  })

  test.each(['(', '[', '(?!a)', '(?<=a)b', '(a)\\1', 'a{100000}', 'a'.repeat(1001)])(
    '%s is none',
    (text) => {
      expect(parseTagPattern(text)).toBeUndefined()
    },
  )

  test.each(['^(a+)+$', '^(a|a)*$', '^(.*a){20}$', '(a*)*b', '^(ab?)*$'])(
    '%s takes no time over a tag that is made for it',
    (text) => {
      const pattern = parseTagPattern(text)
      const startedAt = performance.now()
      for (const tag of cruel) pattern?.test(tag)
      expect(performance.now() - startedAt).toBeLessThan(1_000)
    },
  )
})
