import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { ociManifest } from '../../../src/oci/media-type.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import type { Source } from '../../../src/oci/source.ts'
import { dockerHub, type UpstreamName } from '../../../src/oci/upstream-name.ts'
import { Evictor } from '../../../src/space/evictor.ts'
import type { Limits } from '../../../src/space/excess.ts'
import { Pins } from '../../../src/space/pins.ts'
import { Pressure, type SpaceNotices } from '../../../src/space/pressure.ts'
import { DiskRoom } from '../../../src/store/disk-room.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const quay = 'quay.io' as UpstreamName
const totalBytes = 10_000
const imageBytes = 200

let directory: TemporaryDirectory
let stores: Stores
let stopping: AbortController
let pressure: Pressure | undefined
/** Of others, on a disk of 10,000 bytes. */
let othersBytes: number
/** Whether what goes is given back to the disk. */
let givesBack: boolean
let told: string[]
let alarms: string[]

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  const onError = (error: unknown) => {
    throw error
  }
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
  stopping = new AbortController()
  // What is waited for is waited for by this clock.
  vi.useFakeTimers({ toFake: ['performance'] })
  othersBytes = 0
  givesBack = true
  told = []
  alarms = []
})
afterEach(async () => {
  stopping.abort()
  await pressure?.close()
  pressure = undefined
  vi.useRealTimers()
  await stores.close()
  await directory.remove()
})

async function keepBlob(text: string, at: number, upstream: UpstreamName): Promise<Digest> {
  const bytes = Buffer.from(text.padEnd(100, '.'))
  const digest = digestOf(bytes)
  await putBlob(stores.blobs, digest, bytes)
  await stores.metadata.recordBlob({ digest, sizeBytes: 100, upstream, firstFetchedAt: at })
  return digest
}

/** Images of 200 bytes, tagged and pulled in their order. */
async function keep(names: readonly string[], upstream = dockerHub): Promise<void> {
  const from: Source = { upstream, repository: parseRepository('team/app') }
  for (const [at, name] of names.entries()) {
    const layer = await keepBlob(`layer of ${name}`, at, upstream)
    const digest = await keepBlob(name, at, upstream)
    const children = [{ mediaType: 'a/b', digest: layer, sizeBytes: 100 }]
    const facts = { mediaType: ociManifest, sizeBytes: 100, artifactType: undefined }
    const image = { digest, ...facts, subject: undefined, children, firstFetchedAt: at }
    await stores.metadata.recordImage(from, image)
    await stores.metadata.recordTag(from, name as Tag, { digest, checkedAt: at })
  }
}

const numbers = (count: number, prefix = 'v') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

const usual: Limits = {
  high: 0.8,
  low: 0.6,
  maxSizeBytes: undefined,
  minFreeBytes: 0,
  maxBytesOf: () => undefined,
}

/** A run by hand, as the command asks for it. */
const handRun = async (bytes: number) => ({
  bytes,
  upstream: undefined,
  reason: 'by hand',
  before: 1e6,
})

async function start(limits: Partial<Limits> = {}, pinned: readonly string[] = []) {
  const measureKept = async () =>
    (await stores.space.measureUsage()).reduce((sum, { bytes }) => sum + bytes, 0)
  const most = await measureKept()
  const room = new DiskRoom(async () => {
    const usedBytes = othersBytes + (givesBack ? await measureKept() : most)
    return { totalBytes, usedBytes, freeBytes: totalBytes - usedBytes }
  })
  const onError = (error: unknown) => {
    throw error
  }
  const { signal } = stopping
  const settings = { now: () => 1e6, onError, signal }
  const evictor = new Evictor({
    ...settings,
    stores,
    pins: await Pins.open(stores.space, pinned),
    onEvicted: () => {},
    onGone: () => {},
  })
  const notices: SpaceNotices = {
    onEviction: ({ victims }) => told.push(`evicted ${victims.length}`),
    onExhausted: (reason) => told.push(`exhausted: ${reason}`),
    onOffline: (reason) => told.push(`offline: ${reason}`),
    onCrowded: () => told.push('crowded'),
    onLow: (isLow) => told.push(isLow ? 'low' : 'not low'),
    onHigh: (reason) => alarms.push(`high: ${reason}`),
    onOk: () => alarms.push('ok'),
    onError,
  }
  pressure = new Pressure({
    ...settings,
    stores: { space: stores.space, room },
    evictor,
    notices,
    limits: () => ({ ...usual, ...limits }),
    before: () => 1e6,
    isOffline: () => false,
  })
  const count = async () => (await measureKept()) / imageBytes
  /** Looks at the disk, and waits for what that begins. */
  const look = async () => {
    await room.measure()
    await pressure?.run(() => handRun(0))
    return count()
  }
  return { room, look, count, pressure }
}

test('a disk that is fuller than high as it starts is brought down to low, once', async () => {
  await keep(numbers(41))
  const { look, room } = await start()
  await room.admit(0)
  expect(await look()).toBe(30)
  expect(await look()).toBe(30)
  expect(told).toEqual(['evicted 11'])
  expect(alarms).toEqual([])
})

test('a disk that others have filled before it starts empties nothing', async () => {
  await keep(numbers(5))
  othersBytes = 8000
  const { look } = await start()
  expect([await look(), await look(), told]).toEqual([5, 5, ['crowded']])
  expect(alarms).toEqual(['high: other data fills the disk'])
  othersBytes = 0
  await look()
  expect(alarms.slice(1)).toEqual(['ok'])
})

test('two limits that are passed are kept, one after the other, by what is left', async () => {
  await keep(numbers(10, 'q'), quay)
  await keep(numbers(35))
  othersBytes = 500
  const maxBytesOf = (name: string) => (name === quay ? 1000 : undefined)
  const { look } = await start({ maxBytesOf, low: 0.72 })
  expect(await look()).toBe(33)
  const kept = (await stores.space.measureUsage()).map(({ upstream, bytes }) => [upstream, bytes])
  // At quay.io a tenth below its limit, and then of all as much as the disk still wants.
  expect(Object.fromEntries(kept)).toEqual({ [quay]: 800, [dockerHub]: 5800 })
  expect(told).toEqual(['evicted 6', 'evicted 6'])
})

test('a limit that can’t be kept is said once, and no other waits for it', async () => {
  await keep(numbers(10, 'q'), quay)
  const limits = { maxBytesOf: (name: string) => (name === quay ? 1000 : undefined) }
  const { look, room } = await start(limits, ['quay.io/**'])
  expect(await look()).toBe(10)
  await keep(numbers(31))
  await room.admit(6200)
  expect(await look()).toBe(30)
  expect(told).toEqual([
    'exhausted: what is kept of quay.io is more than its maxSize',
    'evicted 11',
  ])
})

test('once a limit is kept again, it is news if it can’t be', async () => {
  await keep(numbers(10))
  const maxSize = { maxSizeBytes: 1000 }
  const { look, pressure } = await start(maxSize, ['docker.io/**'])
  const reason = 'exhausted: what is kept is more than space.maxSize'
  await look()
  pressure.noteLimits()
  await look()
  expect(told).toEqual([reason])
  Object.assign(maxSize, { maxSizeBytes: undefined })
  await look()
  expect(told).toEqual([reason])
  Object.assign(maxSize, { maxSizeBytes: 1000 })
  await look()
  expect(told).toEqual([reason, reason])
})

test('what goes and isn’t given back doesn’t empty the cache', async () => {
  await keep(numbers(45))
  givesBack = false
  const { look, room } = await start()
  await room.admit(0)
  const counts: number[] = []
  for (let round = 0; round < 6; round++) {
    counts.push(await look())
    vi.advanceTimersByTime(36_000)
  }
  expect(counts.at(-1)).toBe(counts[2])
  expect(counts.at(-1)).toBeGreaterThanOrEqual(15)
  expect(told).toContain('crowded')
})

test('what is given back late is waited for', async () => {
  await keep(numbers(45))
  givesBack = false
  const { look, room } = await start()
  await room.admit(0)
  const count = await look()
  vi.advanceTimersByTime(30_000)
  expect(await look()).toBe(count)
  givesBack = true
  vi.advanceTimersByTime(6_000)
  expect(await look()).toBe(count)
  expect(told).toEqual(['evicted 15'])
})

test('a run by hand waits for the one under way, and none of both frees twice', async () => {
  await keep(numbers(41))
  const { room, count, pressure } = await start()
  const looking = room.measure()
  await looking
  const make = vi.fn(async () => {
    const { usedBytes } = await room.measure()
    return handRun(usedBytes - 5000)
  })
  const [one, other] = await Promise.all([pressure.run(make), pressure.run(make)])
  expect([one.victims.length, other.victims.length]).toEqual([5, 0])
  expect(await count()).toBe(25)
  expect(told).toEqual(['evicted 11'])
})

test('it ends in the middle of a run', async () => {
  await keep(numbers(41))
  const { pressure, count, room } = await start()
  await room.measure()
  await setImmediate()
  stopping.abort()
  await pressure.close()
  const left = await count()
  await setImmediate()
  expect(await count()).toBe(left)
})
