import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { ociManifest } from '../../../src/oci/media-type.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { Collector } from '../../../src/space/collector.ts'
import { Evictor } from '../../../src/space/evictor.ts'
import type { Healed } from '../../../src/space/finding.ts'
import { Integrity } from '../../../src/space/integrity.ts'
import { Pins } from '../../../src/space/pins.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const mirrored = { upstream: dockerHub, repository: parseRepository('team/app') }
const own = parseRepository('own')
const left = parseRepository('left')
const dayMs = 86_400_000
const now = 10 * dayMs

let directory: TemporaryDirectory
let stores: Stores
const onError = (error: unknown) => {
  throw error
}

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
})
afterEach(async () => {
  await stores.close()
  await directory.remove()
})

const digestOfName = (name: string) => digestOf(Buffer.from(name))
const sized = (name: string) => ({ digest: digestOfName(name), sizeBytes: name.length })

const keepBlob = async (name: string): Promise<Digest> => {
  const blob = { ...sized(name), upstream: dockerHub, firstFetchedAt: 1000 }
  await putBlob(stores.blobs, blob.digest, Buffer.from(name))
  await stores.metadata.recordBlob(blob)
  return blob.digest
}

/** A mirrored image of its own layer and of one that it shares with some others. */
const keepImage = async (number: number) => {
  const children = []
  for (const name of [`layer of ${number}`, `base of ${number % 7}`])
    children.push({ mediaType: 'a/b', digest: await keepBlob(name), sizeBytes: name.length })
  const name = `image ${number}`
  const digest = await keepBlob(name)
  const facts = { mediaType: ociManifest, sizeBytes: name.length, artifactType: undefined }
  const image = { digest, ...facts, subject: undefined, children, firstFetchedAt: 1000 + number }
  await stores.metadata.recordImage(mirrored, image)
}

/** As a push finds a blob that is kept already, or brings it. */
const push = (name: string) =>
  stores.holds.during(digestOfName(name), async () => {
    if ((await stores.blobs.find(digestOfName(name))) === undefined) {
      await stores.hosted.announceBlob(sized(name), now)
      await putBlob(stores.blobs, digestOfName(name), Buffer.from(name))
    }
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    await stores.hosted.linkPushed(own, [sized(name)], now)
  })

test('beside the collector, the scrub and pushes, nothing is torn and nothing is left', async () => {
  const numbers = Array.from({ length: 40 }, (_, index) => index)
  for (const number of numbers) await keepImage(number)
  // What was pushed long ago, and no image needs.
  for (const number of numbers) {
    const blob = sized(number % 2 === 0 ? `layer of ${number}` : `left ${number}`)
    await stores.hosted.announceBlob(blob, 1000)
    if (number % 2 === 1) await putBlob(stores.blobs, blob.digest, Buffer.from(`left ${number}`))
    await stores.hosted.linkPushed(left, [blob], 1000)
  }
  const signal = new AbortController().signal
  const shared = { stores, now: () => now, onGone: () => {}, onError }
  const pins = await Pins.open(stores.space, [])
  const evictor = new Evictor({ ...shared, pins, onEvicted: () => {}, signal })
  const collector = new Collector({ ...shared, isQuiet: () => true })
  const healed: Healed[] = []
  const pace = { bytesPerSecond: 1e9, restMs: 1, firstAfterMs: 0, idleMs: 1 }
  const integrity = new Integrity({
    ...shared,
    pace,
    refetch: async () => {},
    onHealed: (one) => healed.push(one),
    onRebuilt: () => {},
  })
  const pushed = numbers.filter((number) => number % 3 === 0).map((number) => `layer of ${number}`)
  const all = { bytes: 1e9, upstream: undefined, reason: 'a test', before: now }
  await Promise.all([
    evictor.run(all),
    collector.collect(),
    ...pushed.map(async (name, place) => {
      for (let turn = 0; turn < place * 20; turn++) await setImmediate()
      await push(name)
    }),
  ])
  await collector.collect()
  await evictor.run(all)
  await integrity.close()

  expect(healed).toEqual([])
  const files: string[] = []
  for await (const { digest } of stores.blobs.list()) files.push(digest)
  expect(files.sort()).toEqual(pushed.map(digestOfName).sort())
  for (const name of pushed) {
    expect(await stores.hosted.findPushedBlob(own, digestOfName(name))).toBeDefined()
  }
  expect(await stores.integrity.measureRecorded()).toMatchObject({ blobs: pushed.length })
})
