import { describe, expect, test } from 'vitest'
import { findExpired, type Keeping } from '../../../src/hosted/retention.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseTagPattern } from '../../../src/oci/tag-pattern.ts'
import type { DatedVersion } from '../../../src/store/hosted-records.ts'

const dayMs = 86_400_000
const now = 100 * dayMs

/** An image that was pushed so many days ago, under these tags or others pushed later. */
function version(daysAgo: number, tags: Readonly<Record<string, number>> = {}): DatedVersion {
  return {
    digest: digestOf(Buffer.from(`${daysAgo}`)),
    pushedAt: now - daysAgo * dayMs,
    tags: Object.entries(tags).map(([tag, days]) => ({
      tag: tag as Tag,
      pushedAt: now - days * dayMs,
    })),
  }
}

function expire(versions: readonly DatedVersion[], rule: Partial<Keeping>, fixed: string[] = []) {
  const keeping = { tags: undefined, keepLast: undefined, maxAgeMs: undefined, ...rule }
  const isFixed = (tag: Tag) => fixed.includes(tag)
  const expired = findExpired(versions, keeping, { now, isFixed })
  return expired.map(({ tags, pushedAt }) => [(now - pushedAt) / dayMs, ...tags])
}

const weekly = [version(1, { e: 1 }), version(8, { d: 8 }), version(15, { c: 15 })]
const all = [...weekly, version(22, { b: 22 }), version(29, { a: 29 })]

describe('a rule takes away', () => {
  test('all but the newest', () => {
    expect(expire(all, { keepLast: 3 })).toEqual([
      [22, 'b'],
      [29, 'a'],
    ])
    expect(expire(all, { keepLast: 5 })).toEqual([])
  })

  test('what is old', () => {
    expect(expire(all, { maxAgeMs: 22 * dayMs })).toEqual([
      [22, 'b'],
      [29, 'a'],
    ])
  })

  test('of both, only what is old and not among the newest', () => {
    expect(expire(all, { keepLast: 4, maxAgeMs: 10 * dayMs })).toEqual([[29, 'a']])
    expect(expire(all, { keepLast: 1, maxAgeMs: 25 * dayMs })).toEqual([[29, 'a']])
  })

  test('only tags that it is about, which alone count among the newest', () => {
    const versions = [
      version(1, { latest: 1 }),
      version(2, { abc: 2, v1: 2 }),
      version(3, { def: 3 }),
    ]
    expect(expire(versions, { tags: parseTagPattern('^[a-f]{3}$'), keepLast: 1 })).toEqual([
      [3, 'def'],
    ])
    expect(expire(versions, { tags: parseTagPattern('^[a-f]{3}$'), maxAgeMs: dayMs })).toEqual([
      [2, 'abc'],
      [3, 'def'],
    ])
  })

  test('images that have lost their tags, once they can’t be parts of a push', () => {
    const versions = [version(2, { latest: 2 }), version(0.5), version(3), version(4)]
    expect(expire(versions, { keepLast: 1 })).toEqual([[3], [4]])
    expect(expire(versions, { maxAgeMs: 3.5 * dayMs })).toEqual([[4]])
    expect(expire(versions, { tags: parseTagPattern('.'), keepLast: 1 })).toEqual([])
  })

  test('no signature by its tag, which counts for no image', () => {
    const signature = `sha256-${'0'.repeat(64)}.sig`
    const versions = [version(1, { [signature]: 1 }), version(2, { b: 2 }), version(3, { a: 3 })]
    expect(expire(versions, { keepLast: 1 })).toEqual([[3, 'a']])
  })

  test('an image when its newest tag is old', () => {
    const versions = [version(30, { old: 30, again: 2 }), version(20, { other: 20 })]
    expect(expire(versions, { keepLast: 1 })).toEqual([[20, 'other']])
  })

  test('no tag that must not move', () => {
    expect(expire(all, { keepLast: 3 }, ['a'])).toEqual([[22, 'b']])
    const both = [version(1, { new: 1 }), version(9, { v1: 9, x: 9 })]
    expect(expire(both, { keepLast: 1 }, ['v1'])).toEqual([[9, 'x']])
  })
})
