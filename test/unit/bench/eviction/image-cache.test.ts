import { describe, expect, test } from 'vitest'
import {
  ImageCache,
  type ImageCacheOptions,
} from '../../../../bench/eviction/caches/image-cache.ts'
import type { Demand, Manifest, Thing } from '../../../../bench/eviction/demands.ts'
import { ProbationOrder } from '../../../../bench/eviction/orders/probation-order.ts'
import { RankedOrder } from '../../../../bench/eviction/orders/ranked-order.ts'
import { gdsf, lru } from '../../../../bench/eviction/orders/rankings.ts'

let lastId = 0
const blob = (sizeBytes: number): Thing => ({ id: ++lastId, sizeBytes })

/** Manifests have 1 byte. */
const image = (blobs: readonly Thing[], index?: OpenIndex): Manifest => {
  const imageBytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 1)
  const manifest = { ...blob(1), blobs, index, platforms: [], imageBytes }
  index?.platforms.push(manifest)
  return manifest
}

type OpenIndex = Manifest & { readonly platforms: Manifest[] }
const createIndex = (): OpenIndex => ({
  ...blob(1),
  blobs: [],
  index: undefined,
  platforms: [],
  imageBytes: 1,
})

const pull = (manifest: Manifest, blobs = manifest.blobs): Demand => ({
  kind: 'pull',
  manifests: manifest.index === undefined ? [manifest] : [manifest.index, manifest],
  blobs,
})
const poll = (manifest: Manifest): Demand => ({ kind: 'poll', manifests: [manifest], blobs: [] })

const create = (capacityBytes: number, options: Partial<ImageCacheOptions> = {}) =>
  new ImageCache({
    order: new RankedOrder(lru),
    capacityBytes,
    unit: 'platform',
    isTouchedByPolls: false,
    ...options,
  })

const serveAll = (cache: ImageCache, demands: readonly Demand[]) =>
  demands.map((demand) => cache.serve(demand))

describe('images', () => {
  test('go whole, least recently pulled first, but for the blobs that others need', () => {
    const base = blob(10)
    const [a, b, c] = [image([base, blob(20)]), image([base, blob(30)]), image([blob(25)])]
    const cache = create(70)
    serveAll(cache, [pull(a), pull(b)])
    expect(cache.keptBytes).toBe(62)
    // a's own blob and manifest make room; the base is b's too.
    cache.serve(pull(c))
    expect(cache.keptBytes).toBe(1 + 10 + 30 + 1 + 25)
    expect(cache.evictions).toBe(1)
    expect(cache.serve(pull(b))).toEqual({ manifestGets: 0, hits: 2, hitBytes: 40 })
    // c goes for a's own blob.
    expect(cache.serve(pull(a))).toEqual({ manifestGets: 1, hits: 1, hitBytes: 10 })
  })

  test('keep only what was asked for', () => {
    const [first, second] = [blob(10), blob(20)]
    const cache = create(100)
    const a = image([first, second])
    cache.serve(pull(a, [second]))
    expect(cache.keptBytes).toBe(21)
    expect(cache.serve(pull(a))).toEqual({ manifestGets: 0, hits: 1, hitBytes: 20 })
  })

  test('are pulled whole in parts that together make no room for themselves', () => {
    const [old, large] = [image([blob(30)]), image([blob(30), blob(30), blob(30), blob(30)])]
    const cache = create(100)
    serveAll(cache, [pull(old), pull(large)])
    // The fourth blob passes through: beside the other three there's no room.
    expect(cache.keptBytes).toBe(91)
    expect(cache.evictions).toBe(1)
    expect(cache.serve(pull(large))).toEqual({ manifestGets: 0, hits: 3, hitBytes: 90 })
  })

  test('of which one is the next to go make no room for themselves either', () => {
    const [small, large] = [image([blob(10)]), image([blob(40), blob(40), blob(40)])]
    const cache = create(100, { order: new RankedOrder(gdsf) })
    serveAll(cache, [pull(small), pull(large, large.blobs.slice(0, 2)), pull(large)])
    expect(cache.evictions).toBe(0)
    expect(cache.keptBytes).toBe(11 + 81)
  })

  test('that are larger than the cache move nothing', () => {
    const cache = create(50)
    serveAll(cache, [pull(image([blob(40)])), pull(image([blob(60)]))])
    expect(cache.keptBytes).toBe(42)
  })
})

describe('a poll', () => {
  const order = (isTouchedByPolls: boolean) => {
    const [a, b, c] = [image([blob(40)]), image([blob(40)]), image([blob(40)])]
    const cache = create(100, { isTouchedByPolls })
    serveAll(cache, [pull(a), pull(b), poll(a), pull(c)])
    const { manifestGets } = cache.serve(poll(a))
    return manifestGets === 0 ? 'b went' : 'a went'
  }

  test('keeps an image where polls touch', () => expect(order(true)).toBe('b went'))
  test('keeps none where they do not', () => expect(order(false)).toBe('a went'))

  test('of what went fetches the manifest again', () => {
    const a = image([blob(40)])
    const cache = create(100)
    expect(serveAll(cache, [poll(a), poll(a)]).map((served) => served.manifestGets)).toEqual([1, 0])
    expect(cache.keptBytes).toBe(1)
  })
})

describe('an index', () => {
  const setUp = (unit: ImageCacheOptions['unit']) => {
    const index = createIndex()
    const amd = image([blob(40)], index)
    const arm = image([blob(40)], index)
    return { cache: create(100, { unit }), index, amd, arm, other: image([blob(40)]) }
  }

  test('stays when one of its platforms goes alone', () => {
    const { cache, amd, arm, other } = setUp('platform')
    serveAll(cache, [pull(amd), pull(arm), pull(other)])
    expect(cache.keptBytes).toBe(1 + 41 + 41)
    expect(cache.serve(pull(arm))).toEqual({ manifestGets: 0, hits: 1, hitBytes: 40 })
    expect(cache.serve(pull(amd)).manifestGets).toBe(1)
  })

  test.each([
    ['LRU', () => new RankedOrder(lru)],
    ['probation', () => new ProbationOrder(2)],
  ])('goes after its last platform, by %s', (_name, createOrder) => {
    const { index, amd, other } = setUp('platform')
    const cache = create(100, { order: createOrder() })
    serveAll(cache, [pull(amd), pull(other), pull(image([blob(50)]))])
    // The platform made room enough: its index is still there.
    expect(cache.evictions).toBe(1)
    expect(cache.serve(poll(index)).manifestGets).toBe(0)
    serveAll(cache, [pull(image([blob(99)]))])
    expect(cache.serve(poll(index)).manifestGets).toBe(1)
  })

  test('stays when a platform that came later goes', () => {
    const { cache, index, amd, arm, other } = setUp('platform')
    const between = image([blob(40)])
    serveAll(cache, [pull(amd), pull(other), pull(between), pull(arm), pull(other)])
    // amd went for between, other for arm, between for other. Now arm is the coldest, by a moment.
    serveAll(cache, [pull(between)])
    expect(cache.serve(poll(index)).manifestGets).toBe(0)
    expect(cache.serve(pull(arm)).manifestGets).toBe(1)
  })

  test('goes with all its platforms where images go whole', () => {
    const { cache, amd, arm, other } = setUp('image')
    serveAll(cache, [pull(amd), pull(arm), pull(other)])
    expect(cache.keptBytes).toBe(41)
    expect(cache.evictions).toBe(1)
  })
})

test('room is made down to the low mark, once it is made', () => {
  const images = [20, 20, 20, 20].map((size) => image([blob(size)]))
  const cache = create(100, { lowShare: 0.5 })
  serveAll(
    cache,
    images.map((each) => pull(each)),
  )
  expect(cache.keptBytes).toBe(84)
  // 85 with its manifest: for its blob two images go, until 43 are left, where one would do.
  cache.serve(pull(image([blob(20)])))
  expect(cache.keptBytes).toBe(43 + 20)
})
