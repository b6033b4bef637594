import { describe, expect, test } from 'vitest'
import { createDemands, type Demand, type Thing } from '../../../../bench/eviction/demands.ts'

const requestsOf = (demands: readonly Demand[]) => {
  const requests = new Map<Thing, number>()
  for (const { blobs } of demands)
    for (const blob of blobs) requests.set(blob, (requests.get(blob) ?? 0) + 1)
  return requests
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)

// The measured figures are those of the excerpt of IBM's logs that the model is fitted to: the second
// platform must not lead away from them.
describe('the demands', () => {
  const demands = createDemands(7, 132_000)
  const requests = requestsOf(demands)
  const counts = [...requests.values()].sort((a, b) => b - a)
  const asked = sum(counts)
  const shareOfBlobs = (isMeant: (count: number) => boolean) =>
    counts.filter(isMeant).length / counts.length
  const shareOfTop = (share: number) =>
    sum(counts.slice(0, Math.round(counts.length * share))) / asked
  const polls = demands.filter(({ kind }) => kind === 'poll').length

  test.each<[string, number, number, () => number]>([
    ['a manifest request brings two blob requests', 1.96, 0.3, () => asked / demands.length],
    ['two thirds of all blobs are asked for once', 0.681, 0.04, () => shareOfBlobs((n) => n === 1)],
    ['five of six blobs at most twice', 0.828, 0.09, () => shareOfBlobs((n) => n <= 2)],
    ['the top hundredth takes nearly half', 0.44, 0.06, () => shareOfTop(0.01)],
    ['the top tenth takes five of eight', 0.624, 0.05, () => shareOfTop(0.1)],
    ['a cache without end hits two of three', 0.686, 0.05, () => 1 - counts.length / asked],
    ['eleven of twenty are polls', 0.55, 0.01, () => polls / demands.length],
  ])('%s', (_rule, measured, tolerance, read) => {
    expect(read()).toBeGreaterThan(measured - tolerance)
    expect(read()).toBeLessThan(measured + tolerance)
  })

  test('ask for a platform of an index only after the index, and for its blobs alone', () => {
    const isRight = demands.map(({ kind, manifests: [first, second], blobs }) => {
      const manifest = second ?? first
      const isBelow = second === undefined || (second.index === first && kind === 'pull')
      const isOwn = blobs.every((blob) => manifest?.blobs.includes(blob))
      return isBelow && isOwn && (kind === 'pull' || blobs.length === 0)
    })
    expect(isRight.indexOf(false)).toBe(-1)
  })

  test('give everything a number of its own', () => {
    const things = new Set(demands.flatMap(({ manifests, blobs }) => [...manifests, ...blobs]))
    expect(new Set([...things].map(({ id }) => id)).size).toBe(things.size)
  })

  test('ask for a second platform of some indexes, which shares nothing with the first', () => {
    const both = new Set(
      demands.flatMap(({ manifests }) => manifests.filter(({ platforms }) => platforms.length > 1)),
    )
    expect(both.size).toBeGreaterThan(100)
    for (const { platforms } of both) {
      const [first, second] = platforms.map(({ blobs }) => blobs)
      expect(first?.map(({ sizeBytes }) => sizeBytes)).toEqual(
        second?.map(({ sizeBytes }) => sizeBytes),
      )
      expect(first?.filter((blob) => second?.includes(blob))).toEqual([])
    }
  })
})

test('demands are the same for the same seed, and others for another', () => {
  const first = createDemands(1, 1000)
  expect(createDemands(1, 1000)).toEqual(first)
  expect(createDemands(2, 1000)).not.toEqual(first)
})
