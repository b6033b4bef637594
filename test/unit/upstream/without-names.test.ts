import { expect, test } from 'vitest'
import { withoutNames } from '../../../src/upstream/without-names.ts'

// Whoever may know how upstreams do needn't be one who may know what is pulled from them.

test.each([
  [
    'ghcr.io has no anonymous repository:team/secret:pull (401)',
    'ghcr.io has no anonymous that repository (401)',
  ],
  [
    'redirected to https://user:word@cdn.example/a/b?X-Signature=abc, which refused',
    'redirected to https://cdn.example/a/b which refused',
  ],
  ['docker.io answered 503', 'docker.io answered 503'],
])('%s', (text, expected) => {
  expect(withoutNames(text)).toBe(expected)
})

test('is cut where it is long, and half a character isn’t kept', () => {
  expect(withoutNames('x'.repeat(1_000))).toHaveLength(300)
  expect(withoutNames(`${'x'.repeat(299)}😀`).isWellFormed()).toBe(true)
})
