import { expect, test } from 'vitest'
import { pushedHere } from '../../../src/oci/source.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'
import { findExcess, keptFree, type Limits } from '../../../src/space/excess.ts'
import type { Usage } from '../../../src/store/space-records.ts'

const gib = 2 ** 30
const [hub, quay] = ['docker.io', 'quay.io'] as [UpstreamName, UpstreamName]
const limits: Limits = {
  high: 0.85,
  low: 0.75,
  maxSizeBytes: undefined,
  minFreeBytes: gib,
  maxBytesOf: () => undefined,
}

const diskOf = (totalBytes: number, usedBytes: number) => ({
  totalBytes,
  usedBytes,
  freeBytes: totalBytes - usedBytes,
})
const kept = (upstream: UpstreamName, bytes: number): Usage => ({ upstream, blobs: 1, bytes })

const find = (usedBytes: number, usage: readonly Usage[] = [], changed: Partial<Limits> = {}) =>
  findExcess({ ...limits, ...changed }, { use: diskOf(100 * gib, usedBytes), usage })

test('a disk that is fuller than high is to be as full as low', () => {
  expect(find(85 * gib)).toEqual([])
  expect(find(86 * gib)).toMatchObject([{ bytes: 11 * gib, isOfDisk: true }])
  expect(find(86 * gib)[0]?.reason).toBe('the disk was 86 % full, and space.high is 85 %')
})

test('where minFree wants more than high, it is kept free', () => {
  const [excess] = find(96 * gib, [], { high: 0.97, low: 0.9, minFreeBytes: 4.5 * gib })
  expect(excess?.bytes).toBeCloseTo(0.5 * gib + 7 * gib)
  expect(excess?.reason).toContain('space.minFree')
})

test('of a small disk no more than a twentieth is kept free', () => {
  expect(keptFree(limits, diskOf(100 * gib, 0))).toBe(gib)
  expect(keptFree(limits, diskOf(2 * gib, 0))).toBe(Math.floor(gib / 10))
  const more = { ...limits, minFreeBytes: 2 * gib }
  expect(keptFree(more, diskOf(2 * gib, 0))).toBe(2 * gib)
})

test('what is kept is capped, but not for what was pushed', () => {
  const usage = [kept(pushedHere, 50 * gib), kept(hub, 8 * gib), kept(quay, 3 * gib)]
  expect(find(0, usage, { maxSizeBytes: 11 * gib })).toEqual([])
  const [excess] = find(0, usage, { maxSizeBytes: 10 * gib, high: 0.8, low: 0.4 })
  expect(excess).toMatchObject({ bytes: 6 * gib, upstream: undefined, isOfDisk: false })
})

test('each upstream has its own limit', () => {
  const usage = [kept(hub, 8 * gib), kept(quay, 8 * gib)]
  const maxBytesOf = (upstream: UpstreamName) => (upstream === quay ? 4 * gib : undefined)
  const changed = { maxBytesOf, high: 0.8, low: 0.4 }
  expect(find(0, usage, changed)).toMatchObject([{ bytes: 6 * gib, upstream: quay }])
})
