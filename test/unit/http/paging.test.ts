import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linkHeader, readPage } from '../../../src/http/paging.ts'
import { cutPage } from '../../../src/oci/page.ts'

const sorted = ['1.0', '1.1', '2.0', 'latest']
const path = '/v2/ghcr.io/a/tags/list'

const urlOf = (query: string, at = path) => ({ path: at, query: new URLSearchParams(query) })

function next(query: string, { at = path, usual }: { at?: string; usual?: number } = {}) {
  const url = urlOf(query, at)
  const page = readPage(url, usual)
  const { Link } = linkHeader(url, page, cutPage(sorted, page))
  return Link && /^<([^>]*)>; rel="next"$/.exec(Link)?.[1]
}

describe('the page that is asked for', () => {
  test.each([
    ['is everything where nothing is said', '', { limit: Number.POSITIVE_INFINITY }],
    ['has at most n entries', 'n=2', { limit: 2 }],
    ['begins behind last', 'n=2&last=1.1', { limit: 2, after: '1.1' }],
    ['begins behind an empty last', 'n=0&last=', { limit: 0, after: '' }],
    ['is everything where n is empty', 'n=', { limit: Number.POSITIVE_INFINITY }],
  ])('%s', (_rule, query, page) => {
    expect(readPage(urlOf(query))).toEqual(page)
  })

  test('has the usual size where none is said', () => {
    expect(readPage(urlOf('last=a'), 3)).toEqual({ limit: 3, after: 'a' })
  })

  test.each(['-1', '1.5', 'x', '1e3', ' 1', '0x10', '9'.repeat(40)])('n=%s is refused', (n) => {
    expect(() => readPage(urlOf(new URLSearchParams({ n }).toString()))).toThrow(
      expect.objectContaining({ code: 'PAGINATION_NUMBER_INVALID', status: 400 }),
    )
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
  ])('%s', (_rule, query, target) => {
    expect(next(query)).toBe(target)
  })

  test('keeps the view that the path has', () => {
    expect(next('n=1', { at: '/ghcr.io/v2/_catalog' })).toBe('/ghcr.io/v2/_catalog?n=1&last=1.0')
  })

  test('has the usual size where none was asked', () => {
    expect(next('', { usual: 3 })).toBe(`${path}?n=3&last=2.0`)
  })

  test('is of no size where everything was asked and not all given', () => {
    const url = urlOf('ns=ghcr.io')
    const part = { entries: sorted, hasMore: true }
    const link = `<${path}?ns=ghcr.io&last=latest>; rel="next"`
    expect(linkHeader(url, readPage(url), part)).toEqual({ Link: link })
  })
})

test('whoever follows the pages sees every entry once', () => {
  const tag = fc.string({ unit: fc.constantFrom(...'aZ0._-'), minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.uniqueArray(tag), fc.integer({ min: 1, max: 5 }), (tags, count) => {
      const all = [...tags].sort()
      const seen: string[] = []
      let target: string | undefined = `${path}?n=${count}`
      while (target !== undefined) {
        const url = urlOf(target.slice(target.indexOf('?')))
        const page = readPage(url)
        const part = cutPage(all, page)
        seen.push(...part.entries)
        target = linkHeader(url, page, part).Link?.slice(1, -'>; rel="next"'.length)
      }
      expect(seen).toEqual(all)
    }),
  )
})
