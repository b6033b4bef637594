import { expect, test } from 'vitest'
import { compareTags } from '../../../src/oci/compare-tags.ts'

test('tags come as people count versions, and no two are equal', () => {
  const sorted = [
    '1',
    '01',
    '1.2',
    '1.9',
    '1.10',
    '1.10-alpine',
    '2',
    '10',
    'latest',
    'Latest',
    'v1',
  ]
  const shuffled = sorted.toSorted()
  expect(shuffled.toSorted(compareTags).map(String)).toEqual(['01', '1', ...sorted.slice(2)])
  expect(compareTags('1', '01')).not.toBe(0)
  expect(compareTags('1', '1')).toBe(0)
})
