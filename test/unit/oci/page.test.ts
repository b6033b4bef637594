import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutPage, type Page, readPart } from '../../../src/oci/page.ts'

const sorted = ['1.0', '1.1', '2.0', 'latest']

function cut(page: Partial<Page>) {
  return cutPage(sorted, { limit: Number.POSITIVE_INFINITY, ...page })
}

describe('a page', () => {
  test.each<[string, Partial<Page>, readonly string[], boolean]>([
    ['is everything where nothing is asked', {}, sorted, false],
    ['has at most so many entries', { limit: 2 }, ['1.0', '1.1'], true],
    ['may be as long as the list', { limit: 4 }, sorted, false],
    ['may be longer than the list', { limit: 100 }, sorted, false],
    ['begins behind an entry', { after: '1.1' }, ['2.0', 'latest'], false],
    ['has so many entries behind one', { limit: 1, after: '1.1' }, ['2.0'], true],
    ['begins behind where one would be', { after: '1.5' }, ['2.0', 'latest'], false],
    ['begins at the start, if that is before everything', { after: '0' }, sorted, false],
    ['begins at the start behind nothing', { after: '' }, sorted, false],
    ['is empty behind the end', { after: 'latest', limit: 2 }, [], false],
    ['is empty, and the last, where none are wanted', { limit: 0 }, [], false],
  ])('%s', (_rule, page, entries, hasMore) => {
    expect(cut(page)).toEqual({ entries, hasMore })
  })

  test('of nothing is nothing', () => {
    expect(cutPage([], { limit: 5 })).toEqual({ entries: [], hasMore: false })
  })

  test('of a list elsewhere is the same, and costs one entry more', async () => {
    const entry = fc.string({ unit: fc.constantFrom(...'aZ0'), minLength: 1, maxLength: 3 })
    const page = fc.record({ after: fc.option(entry, { nil: undefined }), limit: fc.nat(6) })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(entry), page, async (entries, wanted) => {
        const all = [...entries].sort()
        const part = await readPart(wanted, 1_000, async (asked) => {
          expect(asked.limit).toBe(wanted.limit + 1)
          return cutPage(all, asked).entries
        })
        expect(part).toEqual(cutPage(all, wanted))
      }),
    )
  })

  test('of a list elsewhere has at most so many entries, whatever is asked for', async () => {
    const everything = { limit: Number.POSITIVE_INFINITY }
    const part = await readPart(everything, 3, async (asked) => cutPage(sorted, asked).entries)
    expect(part).toEqual({ entries: sorted.slice(0, 3), hasMore: true })
  })
})
