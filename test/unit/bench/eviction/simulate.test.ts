import { describe, expect, test } from 'vitest'
import { BlobCache } from '../../../../bench/eviction/caches/blob-cache.ts'
import { KeptImages } from '../../../../bench/eviction/caches/kept-images.ts'
import type { Demand, Manifest } from '../../../../bench/eviction/demands.ts'
import { RankedOrder } from '../../../../bench/eviction/orders/ranked-order.ts'
import { lru } from '../../../../bench/eviction/orders/rankings.ts'
import { countUniqueBytes, simulate } from '../../../../bench/eviction/simulate.ts'

const small = { id: 1, sizeBytes: 10 }
const large = { id: 2, sizeBytes: 30 }
const own = { id: 3, sizeBytes: 60 }
const image = (id: number, blobs: Manifest['blobs']): Manifest => ({
  id,
  sizeBytes: 1,
  blobs,
  index: undefined,
  platforms: [],
  imageBytes: blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 1),
})
const a = image(4, [small, large])
const b = image(5, [large, own])

const demands: readonly Demand[] = [
  { kind: 'pull', manifests: [a], blobs: [small, large] },
  { kind: 'poll', manifests: [a], blobs: [] },
  // One of two.
  { kind: 'pull', manifests: [b], blobs: [large, own] },
  { kind: 'pull', manifests: [a], blobs: [small] },
  // A client that has them all asks for none: no pull that could be complete.
  { kind: 'pull', manifests: [b], blobs: [] },
]

describe('a simulation', () => {
  test('counts what was asked for and what was found', () => {
    const cache = new BlobCache(new RankedOrder(lru), 1000)
    expect(simulate(cache, demands, 1000)).toEqual({
      objectHits: 2 / 5,
      byteHits: 40 / 140,
      pullHits: 1 / 3,
      manifestGets: 2,
      evictions: 0,
    })
    expect(cache.keptBytes).toBe(102)
  })

  test('calls no pull complete whose manifest had to be fetched', () => {
    const cache = new BlobCache(new RankedOrder(lru), 1000)
    const again: Demand = { kind: 'pull', manifests: [b], blobs: [large] }
    const [first] = demands
    expect(simulate(cache, [first as Demand, again], 1000)).toMatchObject({
      objectHits: 1 / 3,
      pullHits: 0,
    })
  })

  test('refuses a cache that keeps more than it may', () => {
    const cache = new BlobCache(new RankedOrder(lru), 1000)
    expect(() => simulate(cache, demands, 100)).toThrow('102 B are kept where 100 B are the most')
  })

  test('takes every blob once for all bytes that are asked for', () => {
    expect(countUniqueBytes(demands)).toBe(100)
  })
})

describe('kept images', () => {
  test('give back every byte that came in', () => {
    const kept = new KeptImages()
    kept.addManifest(a)
    kept.addManifest(b)
    for (const blob of [small, large, own]) kept.addBlob(blob)
    expect(kept.bytes).toBe(102)
    kept.removeManifest(a)
    expect([kept.hasBlob(small), kept.hasBlob(large), kept.bytes]).toEqual([false, true, 91])
    kept.removeManifest(a)
    kept.removeManifest(b)
    expect(kept.bytes).toBe(0)
  })

  test('refuse a blob that none of them needs', () => {
    expect(() => new KeptImages().addBlob(small)).toThrow('no kept manifest needs blob 1')
  })
})
