import { describe, expect, test } from 'vitest'
import { isTag, parseReference } from '../../../src/oci/reference.ts'

const hex64 = '0123456789abcdef'.repeat(4)

describe('a reference is accepted', () => {
  test.each([
    ['a word', 'latest'],
    ['a version', '1.27.3-alpine'],
    ['capitals count in a tag', 'v1.0-RC1'],
    ['an underscore may come first', '_build'],
    ['a tag may have 128 characters', 'a'.repeat(128)],
    ['a tag may have one character', '1'],
    ['a digest', `sha256:${hex64}`],
    ['a longer digest', `sha512:${hex64}${hex64}`],
  ])('%s', (_rule, text) => {
    expect(parseReference(text)).toBe(text)
  })
})

describe('what is no reference is refused', () => {
  test.each([
    ['a tag is not empty', '', 'MANIFEST_INVALID'],
    ['a tag does not begin with a dot', '.hidden', 'MANIFEST_INVALID'],
    ['two dots are no tag', '..', 'MANIFEST_INVALID'],
    ['a tag does not begin with a dash', '-f', 'MANIFEST_INVALID'],
    ['a tag has at most 128 characters', 'a'.repeat(129), 'MANIFEST_INVALID'],
    ['a tag has no slash', 'a/b', 'MANIFEST_INVALID'],
    ['a tag has no plus sign', '1.0+build', 'MANIFEST_INVALID'],
    ['a tag has no space', 'a b', 'MANIFEST_INVALID'],
    ['a tag is ASCII', 'größe', 'MANIFEST_INVALID'],
    ['a tag ends with its line', 'latest\n', 'MANIFEST_INVALID'],
    ['whatever has a colon is meant as a digest', 'sha256:abc', 'DIGEST_INVALID'],
    ['a host and port is no digest', 'localhost:5000', 'DIGEST_INVALID'],
  ])('%s', (_rule, text, code) => {
    expect(isTag(text)).toBe(false)
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code, status: 400 }))
  })
})

test('a digest is no tag', () => {
  expect(isTag(`sha256:${hex64}`)).toBe(false)
})
