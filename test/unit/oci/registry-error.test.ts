import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quote, RegistryError } from '../../../src/oci/registry-error.ts'

describe('what a client sent is repeated', () => {
  test.each([
    ['in quotes', 'latest', '"latest"'],
    ['with its quotes escaped', 'a"b', '"a\\"b"'],
    ['on one line', 'a\r\nb', '"a\\r\\nb"'],
    ['without control characters', 'a\u0000\u001bb', '"a\\u0000\\u001bb"'],
    ['up to 80 characters', 'a'.repeat(80), `"${'a'.repeat(80)}"`],
    ['and cut beyond', 'a'.repeat(81), `"${'a'.repeat(80)}…"`],
  ])('%s', (_rule, text, expected) => {
    expect(quote(text)).toBe(expected)
  })

  test('at the length that is wanted', () => {
    expect(quote('abcdef', 3)).toBe('"abc…"')
  })

  test('as well-formed text, whatever it was', () => {
    const unit = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point))
    fc.assert(fc.property(fc.string({ unit }), (text) => quote(text, 5).isWellFormed()))
    expect(quote('aaaa😀', 5).isWellFormed()).toBe(true)
  })
})

describe('an error', () => {
  test('has the status of its code', () => {
    expect(new RegistryError('MANIFEST_UNKNOWN', 'gone')).toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      status: 404,
      message: 'gone',
      retryAfterSeconds: undefined,
    })
  })

  test('may have another status', () => {
    expect(new RegistryError('UNAVAILABLE', 'broken', { status: 502 }).status).toBe(502)
  })

  test('keeps its cause for the log, out of its message', () => {
    const cause = new Error('/var/lib/entrepot')
    const error = new RegistryError('UNAVAILABLE', 'later', { cause, retryAfterSeconds: 5 })
    expect(error).toMatchObject({ cause, message: 'later', retryAfterSeconds: 5 })
  })
})
