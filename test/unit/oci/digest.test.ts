import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  digestAlgorithm,
  digestHex,
  digestOf,
  isDigest,
  parseDigest,
} from '../../../src/oci/digest.ts'

const hex64 = '0123456789abcdef'.repeat(4)
const sha256 = `sha256:${hex64}`
const sha512 = `sha512:${hex64}${hex64}`

test.each([
  ['sha256 has 64 characters', sha256],
  ['sha512 has 128 characters', sha512],
])('a digest is accepted: %s', (_rule, text) => {
  expect(parseDigest(text)).toBe(text)
})

describe('what is no digest is refused', () => {
  test.each([
    ['an algorithm stands in front', hex64],
    ['capitals are another spelling', sha256.toUpperCase()],
    ['a capital among the hex is another spelling', sha256.replace('a', 'A')],
    ['sha256 is not shorter', sha256.slice(0, -1)],
    ['sha256 is not longer', `${sha256}0`],
    ['sha512 is not as short as sha256', `sha512:${hex64}`],
    ['only 0-9 and a-f are hex', sha256.replace('a', 'g')],
    ['sha1 is too weak', `sha1:${hex64.slice(0, 40)}`],
    ['an algorithm that is not known cannot be checked', `sha384:${hex64}${hex64.slice(0, 32)}`],
    ['nothing stands before it', ` ${sha256}`],
    ['no line ends after it', `${sha256}\n`],
    ['dots do not lead out of the folder', `sha256:../${hex64.slice(3)}`],
    ['a slash does not either', `sha256:${hex64.slice(2)}/a`],
    ['it is not empty', ''],
  ])('%s', (_rule, text) => {
    expect(isDigest(text)).toBe(false)
    expect(() => parseDigest(text)).toThrow(
      expect.objectContaining({ code: 'DIGEST_INVALID', status: 400 }),
    )
  })

  test('and what was found is repeated only in part', () => {
    expect(() => parseDigest('x'.repeat(10_000))).toThrow(/^.{0,250}$/)
  })
})

test('a digest has two parts', () => {
  expect(digestAlgorithm(parseDigest(sha256))).toBe('sha256')
  expect(digestAlgorithm(parseDigest(sha512))).toBe('sha512')
  expect(digestHex(parseDigest(sha512))).toBe(hex64 + hex64)
})

test.each([
  [
    'sha256 is the usual one',
    digestOf(Buffer.from('abc')),
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ],
  [
    'empty content has a digest',
    digestOf(Buffer.alloc(0)),
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ],
  [
    'sha512 on demand',
    digestOf(Buffer.from('abc'), 'sha512'),
    'sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
])('the digest of known bytes: %s', (_rule, digest, expected) => {
  expect(digest).toBe(expected)
})

test('the digest of any bytes is one', () => {
  const algorithm = fc.constantFrom('sha256' as const, 'sha512' as const)
  fc.assert(fc.property(fc.uint8Array(), algorithm, (bytes, a) => isDigest(digestOf(bytes, a))))
})
