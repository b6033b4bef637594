import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRepository, parseRepository } from '../../../src/oci/repository.ts'

/** As distribution-spec §Pulling manifests has it. */
const specPattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/

describe('a repository is accepted', () => {
  test.each([
    ['one part is enough', 'alpine'],
    ['parts are joined by a slash', 'library/alpine'],
    ['there may be many parts', 'a/b/c/d/e/f'],
    ['a part may hold one dot', 'my.app'],
    ['a part may hold one underscore', 'my_app'],
    ['a part may hold two underscores', 'my__app'],
    ['a part may hold many dashes', 'my----app'],
    ['a part may be called like an endpoint', 'manifests/tags/list'],
    ['255 characters are allowed', 'a'.repeat(255)],
  ])('%s', (_rule, text) => {
    expect(parseRepository(text)).toBe(text)
  })
})

describe('what is no repository is refused', () => {
  test.each([
    ['it is not empty', ''],
    ['256 characters are too many', 'a'.repeat(256)],
    ['capitals are not allowed', 'Alpine'],
    ['two dots would lead upwards', 'a/../b'],
    ['one dot is no part', 'a/./b'],
    ['two dots join nothing', 'a..b'],
    ['three underscores join nothing', 'a___b'],
    ['no part is empty', 'a//b'],
    ['no slash comes first', '/a'],
    ['no slash comes last', 'a/'],
    ['a part does not begin with a dash', 'a/-b'],
    ['a part does not end with a dot', 'a./b'],
    ['escapes are not decoded again', 'a%2fb'],
    ['a backslash is no slash', 'a\\b'],
    ['a null character does not cut it short', 'a\0b'],
    ['a line does not end in it', 'a\n'],
    ['a colon belongs to a host', 'localhost:5000/a'],
    ['letters are ASCII', 'größe'],
    ['what looks like a letter is none', 'аlpine'],
  ])('%s', (_rule, text) => {
    expect(() => parseRepository(text)).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID', status: 400 }),
    )
  })

  test('with its length, where that is what is wrong', () => {
    expect(() => parseRepository('a'.repeat(300))).toThrow('it has 300 characters, at most 255')
  })
})

test('what is accepted is what the specification says', () => {
  const names = fc.string({ unit: fc.constantFrom(...'a0._-/'), maxLength: 30 })
  fc.assert(
    fc.property(names, (name) => isRepository(name) === specPattern.test(name)),
    { numRuns: 2000 },
  )
})

test('a name made to be slow is read at once', () => {
  const startedAt = performance.now()
  for (let count = 0; count < 1000; count++) isRepository(`${'a-'.repeat(127)}!`)
  expect(performance.now() - startedAt).toBeLessThan(1000)
})
