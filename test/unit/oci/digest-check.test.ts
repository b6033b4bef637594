import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import { DigestCheck, DigestMismatchError } from '../../../src/oci/digest-check.ts'

const content = Buffer.from('the content of a blob')

describe('a check', () => {
  test.each(['sha256', 'sha512'] as const)('passes what a %s digest names', (algorithm) => {
    const check = new DigestCheck(digestOf(content, algorithm))
    check.update(content)
    expect(() => check.verify()).not.toThrow()
  })

  test('passes it however it was cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        const check = new DigestCheck(digestOf(Buffer.concat(parts)))
        for (const part of parts) check.update(part)
        check.verify()
      }),
    )
  })

  test('says what it found in place of what was expected', () => {
    const check = new DigestCheck(digestOf(content))
    check.update(Buffer.from('something else'))
    expect(() => check.verify()).toThrow(
      expect.objectContaining({
        name: 'DigestMismatchError',
        expected: digestOf(content),
        actual: digestOf(Buffer.from('something else')),
      }),
    )
  })

  test('takes nothing after its verdict', () => {
    const check = new DigestCheck(digestOf(content))
    check.update(content)
    check.verify()
    expect(() => check.update(content)).toThrow()
    expect(() => check.verify()).toThrow()
  })
})

describe('a copy', () => {
  test('goes on from where it was made, and leaves the first alone', () => {
    const check = new DigestCheck(digestOf(content))
    check.update(content.subarray(0, 7))
    const copy = check.copy()
    const wrong = copy.copy()
    wrong.update(Buffer.from('wrong'))
    copy.update(content.subarray(7))
    expect(() => wrong.verify()).toThrow(DigestMismatchError)
    expect(() => copy.verify()).not.toThrow()
    check.update(content.subarray(7))
    expect(() => check.verify()).not.toThrow()
  })

  test('cannot be made after the verdict', () => {
    const check = new DigestCheck(digestOf(content))
    check.update(content)
    check.verify()
    expect(() => check.copy()).toThrow()
  })
})
