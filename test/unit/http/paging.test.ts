import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutPage, linkHeader } from '../../../src/http/paging.ts'

const sorted = ['1.0', '1.1', '2.0', 'latest']
const path = '/v2/ghcr.io/a/tags/list'

function cut(query: string, defaultCount?: number) {
  return cutPage(sorted, { path, query: new URLSearchParams(query) }, defaultCount)
}

describe('a page', () => {
  test.each([
    ['is everything where nothing is asked', '', sorted],
    ['has at most n entries', 'n=2', ['1.0', '1.1']],
    ['may be longer than the list', 'n=100', sorted],
    ['begins behind last', 'last=1.1', ['2.0', 'latest']],
    ['has n entries behind last', 'n=1&last=1.1', ['2.0']],
    ['begins behind where last would be, if it is not in the list', 'last=1.5', ['2.0', 'latest']],
    ['begins at the start, if last is before everything', 'last=0', sorted],
    ['begins at the start, if last is empty', 'last=', sorted],
    ['is empty behind the end', 'last=latest', []],
    ['is empty where none are wanted', 'n=0', []],
    ['is everything where n is empty', 'n=', sorted],
  ])('%s', (_rule, query, entries) => {
    expect(cut(query).entries).toEqual(entries)
  })
})

describe('the next page', () => {
  test.each([
    ['begins behind the last entry', 'n=2', `${path}?n=2&last=1.1`],
    ['is counted on from last', 'n=1&last=1.1', `${path}?n=1&last=2.0`],
    ['keeps ns', 'ns=ghcr.io&n=2', `${path}?ns=ghcr.io&n=2&last=1.1`],
    ['keeps a port in ns', 'ns=a:5000&n=1', `${path}?ns=a%3A5000&n=1&last=1.0`],
    ['has one n, if there were several', 'n=2&n=3', `${path}?n=2&last=1.1`],
    ['is none where all were asked', '', undefined],
    ['is none where all were given', 'n=4', undefined],
    ['is none behind the end', 'n=2&last=latest', undefined],
    ['is none where none are wanted', 'n=0', undefined],
  ])('%s', (_rule, query, next) => {
    expect(cut(query).next).toBe(next)
  })

  test('keeps the view that the path has', () => {
    const url = { path: '/ghcr.io/v2/_catalog', query: new URLSearchParams('n=1') }
    expect(cutPage(sorted, url).next).toBe('/ghcr.io/v2/_catalog?n=1&last=1.0')
  })

  test('has the usual size where none was asked', () => {
    expect(cut('', 3)).toEqual({ entries: sorted.slice(0, 3), next: `${path}?n=3&last=2.0` })
  })
})

test('a list of nothing has one page', () => {
  const url = { path, query: new URLSearchParams('n=5') }
  expect(cutPage([], url)).toEqual({ entries: [], next: undefined })
})

test.each(['-1', '1.5', 'x', '1e3', ' 1', '0x10', '9'.repeat(40)])('n=%s is refused', (n) => {
  expect(() => cut(new URLSearchParams({ n }).toString())).toThrow(
    expect.objectContaining({ code: 'PAGINATION_NUMBER_INVALID', status: 400 }),
  )
})

test('whoever follows the pages sees every entry once', () => {
  const tag = fc.string({ unit: fc.constantFrom(...'aZ0._-'), minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.uniqueArray(tag), fc.integer({ min: 1, max: 5 }), (tags, count) => {
      const all = [...tags].sort()
      const seen: string[] = []
      let next: string | undefined = `${path}?n=${count}`
      while (next !== undefined) {
        const query = new URLSearchParams(next.slice(next.indexOf('?')))
        const page = cutPage(all, { path, query })
        seen.push(...page.entries)
        next = page.next
      }
      expect(seen).toEqual(all)
    }),
  )
})

test('the link is relative and names its relation', () => {
  expect(linkHeader(`${path}?n=1`)).toEqual({ Link: `<${path}?n=1>; rel="next"` })
  expect(linkHeader(undefined)).toEqual({})
})
