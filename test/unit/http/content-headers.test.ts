import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerHeaders, contentHeaders, etagOf } from '../../../src/http/content-headers.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { anyCharacter } from '../../support/any-character.ts'

const source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const digest = digestOf(Buffer.from('content'))

test('an answer with content names its digest, its upstream and how it came about', () => {
  expect(contentHeaders({ source, digest, cache: 'hit' })).toEqual({
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Docker-Distribution-Api-Version': 'registry/2.0',
    'X-Entrepot-Cache': 'hit',
    'OCI-Namespace': 'docker.io',
  })
})

test('an ETag is the digest, quoted', () => {
  expect(etagOf(digest)).toBe(`"${digest}"`)
})

describe('a warning', () => {
  const warningOf = (warning: string) => answerHeaders({ source, cache: 'stale', warning }).Warning

  test.each([
    ['has code 299 and no agent', 'served as of now', '299 - "served as of now"'],
    ['has no quotes of its own', 'a "b" c', `299 - "a 'b' c"`],
    ['has no escapes', 'a\\', `299 - "a'"`],
    ['has one line', 'a\r\nX-Evil: b', '299 - "a??X-Evil: b"'],
    ['is ASCII', 'größe', '299 - "gr??e"'],
    ['is cut to 500 characters', 'a'.repeat(600), `299 - "${'a'.repeat(500)}"`],
  ])('%s', (_rule, text, expected) => {
    expect(warningOf(text)).toBe(expected)
  })

  test('is a header that any client can read, whatever its text', () => {
    const text = fc.string({ unit: anyCharacter })
    fc.assert(fc.property(text, (t) => /^299 - "[ !#-[\]-~]*"$/.test(warningOf(t) ?? '')))
  })

  test('is missing where there is none', () => {
    expect(answerHeaders({ source, cache: 'hit' })).not.toHaveProperty('Warning')
  })
})
