import { describe, expect, test } from 'vitest'
import { parseChallenge } from '../../../src/upstream/challenge.ts'

const realm = 'https://auth.example/token'
const bearer = (service?: string) => ({ scheme: 'bearer', realm, service })
const basic = { scheme: 'basic' }

describe('a challenge is read', () => {
  test.each([
    ['Bearer names a realm and a service', `Bearer realm="${realm}",service="reg"`, bearer('reg')],
    ['a service may be missing', `Bearer realm="${realm}"`, bearer()],
    ['spaces may stand around', `Bearer  realm = "${realm}" , service = "reg"`, bearer('reg')],
    ['values may be unquoted', `Bearer realm=${realm},service=reg`, bearer('reg')],
    [
      'the order does not count',
      `Bearer scope="a:b:c",service="reg",realm="${realm}"`,
      bearer('reg'),
    ],
    ['capitals do not count', `BEARER Realm="${realm}",SERVICE="reg"`, bearer('reg')],
    ['commas may stand in a value', `Bearer scope="a:pull,push",realm="${realm}"`, bearer()],
    ['an escape in a value is decoded', `Bearer realm="${realm}",service="a\\"b"`, bearer('a"b')],
    ['Basic has no need of a realm', 'Basic', basic],
    ['Basic may have a realm', 'Basic realm="registry"', basic],
  ])('%s', (_rule, header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })
})

describe('of several challenges', () => {
  test.each([
    ['Bearer wins over Basic before it', `Basic realm="x", Bearer realm="${realm}"`, bearer()],
    ['Bearer wins over Basic behind it', `Bearer realm="${realm}", Basic realm="x"`, bearer()],
    ['each has its own parameters', `Bearer realm="${realm}", Basic service="x"`, bearer()],
    ['Basic is taken where Bearer has no realm', 'Bearer service="x", Basic realm="y"', basic],
    ['one we do not know is passed over', `Negotiate, Bearer realm="${realm}"`, bearer()],
    [
      'one we do not know may come last',
      `Bearer realm="${realm}",service="reg", Negotiate`,
      bearer('reg'),
    ],
    [
      'Basic is found behind one we do not know',
      'Digest realm="x", nonce="y", Basic realm="z"',
      basic,
    ],
  ])('%s', (_rule, header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })
})

describe('a word in a quoted value', () => {
  test.each([
    ['is no scheme', 'Basic realm="x, Bearer realm=evil"', basic],
    ['is no scheme behind an escaped quote', 'Basic realm="x\\", Bearer realm=\\"evil"', basic],
    ['is no parameter', `Bearer service="realm=evil",realm="${realm}"`, bearer('realm=evil')],
    ['does not end Bearer', `Bearer service="a, Basic b",realm="${realm}"`, bearer('a, Basic b')],
  ])('%s', (_rule, header, expected) => {
    expect(parseChallenge(header)).toEqual(expected)
  })
})

describe('nothing is read from', () => {
  test.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['another scheme', 'Negotiate'],
    ['a scheme that only begins alike', `Bearers realm="${realm}"`],
    ['Bearer alone', 'Bearer'],
    ['Bearer without a realm', 'Bearer service="reg"'],
    ['Bearer with an empty realm', 'Bearer realm=""'],
    ['a quote that does not end', `Bearer realm="${realm}`],
    ['parameters without a scheme', `realm="${realm}"`],
    ['signs', ',,,"=\\;'],
  ])('%s', (_rule, header) => {
    expect(parseChallenge(header)).toBeUndefined()
  })
})

/** As long as a header may be; the event loop is never held for 50 ms. */
describe('a header made to be slow is read at once', () => {
  test.each([
    ['of letters', `Bearer ${'a'.repeat(16_000)}`],
    ['of escaped quotes', `Bearer "${'\\"'.repeat(8_000)}`],
    ['of commas and spaces', `Bearer ${', '.repeat(8_000)}`],
    ['of schemes', 'Bearer,'.repeat(2_200)],
  ])('%s', (_rule, header) => {
    const startedAt = performance.now()
    parseChallenge(header)
    expect(performance.now() - startedAt).toBeLessThan(50)
  })
})
