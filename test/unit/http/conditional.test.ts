import { describe, expect, test } from 'vitest'
import { applicableRange, isNotModified } from '../../../src/http/conditional.ts'

const etag = `"sha256:${'a'.repeat(64)}"`
const other = `"sha256:${'b'.repeat(64)}"`

describe('If-None-Match', () => {
  test.each([
    ['names the content', etag, true],
    ['names it among others', `${other}, ${etag}`, true],
    ['names it weakly', `W/${etag}`, true],
    ['names it without quotes', etag.slice(1, -1), true],
    ['means anything', '*', true],
    ['names something else', other, false],
    ['names a part of it', etag.slice(0, 20), false],
    ['is empty', '', false],
    ['is missing', undefined, false],
  ])('%s', (_rule, header, expected) => {
    expect(isNotModified(header === undefined ? {} : { 'if-none-match': header }, etag)).toBe(
      expected,
    )
  })
})

describe('a Range counts', () => {
  const range = 'bytes=0-9'

  test.each([
    ['by itself', { range }, range],
    ['if If-Range names the content', { range, 'if-range': etag }, range],
    ['not if If-Range names something else', { range, 'if-range': other }, undefined],
    ['not if If-Range names it weakly', { range, 'if-range': `W/${etag}` }, undefined],
    ['not by date', { range, 'if-range': 'Wed, 21 Oct 2015 07:28:00 GMT' }, undefined],
    ['not if it is missing', { 'if-range': etag }, undefined],
  ])('%s', (_rule, headers, expected) => {
    expect(applicableRange(headers, etag)).toBe(expected)
  })
})
