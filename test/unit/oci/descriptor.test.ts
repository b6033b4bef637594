import { describe, expect, test } from 'vitest'
import { readDescriptor, readDescriptors } from '../../../src/oci/descriptor.ts'

const digest = `sha256:${'a'.repeat(64)}`
const valid = { mediaType: 'application/vnd.x', digest, size: 5 }

test('a descriptor is its media type, digest and size', () => {
  const value = { ...valid, annotations: {}, platform: {} }
  expect(readDescriptor(value)).toEqual({ mediaType: 'application/vnd.x', digest, sizeBytes: 5 })
})

test('a descriptor may be of nothing', () => {
  expect(readDescriptor({ ...valid, size: 0 })).toMatchObject({ sizeBytes: 0 })
})

describe('what is no descriptor gives nothing', () => {
  test.each([
    ['null', null],
    ['a text', digest],
    ['a list', [valid]],
    ['without a media type', { digest, size: 5 }],
    ['without a digest', { ...valid, digest: undefined }],
    ['with a malformed digest', { ...valid, digest: 'sha256:abc' }],
    ['with a digest that leads elsewhere', { ...valid, digest: 'sha256:../../etc/passwd' }],
    ['without a size', { ...valid, size: undefined }],
    ['with a size as text', { ...valid, size: '5' }],
    ['with a negative size', { ...valid, size: -1 }],
    ['with half a byte', { ...valid, size: 0.5 }],
    ['with a size that cannot be counted exactly', { ...valid, size: 2 ** 53 }],
  ])('%s', (_rule, value) => {
    expect(readDescriptor(value)).toBeUndefined()
  })
})

test('of several values those that are descriptors are read, in order', () => {
  const other = { ...valid, size: 6 }
  expect(readDescriptors([valid, null, 'x', other])).toMatchObject([
    { sizeBytes: 5 },
    { sizeBytes: 6 },
  ])
})
