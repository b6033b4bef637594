import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import type { Healed } from '../../../src/space/finding.ts'
import { Integrity } from '../../../src/space/integrity.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
const repository = parseRepository('team/app')
const source = { upstream: dockerHub, repository }
const restMs = 1000
const sizeBytes = 100_000

let directory: TemporaryDirectory
let stores: Stores
let now: number
let integrity: Integrity | undefined
const healed: Healed[] = []
const gone: Digest[] = []
const refetched: Digest[] = []

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, silent)
  now = 10_000
})

afterEach(async () => {
  await integrity?.close()
  integrity = undefined
  await stores.close()
  await directory.remove()
  for (const list of [healed, gone, refetched]) list.length = 0
})

const bytesOf = (name: string) => Buffer.alloc(sizeBytes, name)
const digestNamed = (name: string) => digestOf(bytesOf(name))
const fileOf = (digest: Digest) => join(directory.path, 'blobs', 'sha256', digest.slice(7))

/** Kept at that time, from docker.io. */
const keep = async (name: string, at: number) => {
  const digest = digestNamed(name)
  await putBlob(stores.blobs, digest, bytesOf(name))
  const blob = { digest, sizeBytes, upstream: dockerHub, firstFetchedAt: at }
  await stores.metadata.recordBlob(blob)
  await stores.metadata.linkBlob(source, digest)
  return digest
}

const begin = (bytesPerSecond = 1e9, blobs = stores.blobs, onError = fail) => {
  integrity = new Integrity({
    stores: { ...stores, blobs },
    refetch: async (_, digest) => void refetched.push(digest),
    onGone: (digest) => gone.push(digest),
    now: () => now,
    pace: { bytesPerSecond, restMs, firstAfterMs: 0, idleMs: 5 },
    onHealed: (one) => healed.push(one),
    onRebuilt: () => {},
    onError,
  })
}

const fail = (error: unknown, _what: string): void => {
  throw error
}

const isDue = async () =>
  (await stores.integrity.listDue({ before: now - restMs, now, limit: 10 })).length

test('reads what was not read for long, and then leaves it alone', async () => {
  await keep('old', 1000)
  await keep('new', now - restMs + 1)
  begin()
  await vi.waitFor(async () => expect(await isDue()).toBe(0))
  const read = await stores.integrity.listDue({ before: now + 1, now: now + 1, limit: 10 })
  expect(read.map(({ digest }) => digest)).toEqual([digestNamed('new'), digestNamed('old')])
  expect(healed).toEqual([])
})

test('reads again what was read by a clock that was wrong', async () => {
  const digest = await keep('old', 1000)
  await stores.integrity.noteVerified([digest], now * 1000)
  begin()
  await vi.waitFor(async () => expect(await isDue()).toBe(0))
  const read = await stores.integrity.listDue({ before: now + 1, now, limit: 10 })
  expect(read).toHaveLength(1)
})

test('moves a damaged blob away, has it fetched again, and tells of it', async () => {
  const digest = await keep('old', 1000)
  await writeFile(fileOf(digest), 'X', { flag: 'r+' })
  begin()
  await vi.waitFor(() => expect(healed).toHaveLength(1))
  expect(healed[0]).toMatchObject({
    finding: { kind: 'wrong-bytes', digest },
    outcome: { kind: 'fetched', from: source },
  })
  expect([gone, refetched]).toEqual([[digest], [digest]])
  expect(await stores.blobs.find(digest)).toBeUndefined()
})

test('goes on behind a file that can’t be checked', async () => {
  const first = await keep('first', 1000)
  await keep('second', 2000)
  const check: Stores['blobs']['check'] = (digest, options) =>
    digest === first ? Promise.reject(new Error('odd')) : stores.blobs.check(digest, options)
  const told: string[] = []
  begin(1e9, { ...stores.blobs, check }, (_, what) => void told.push(what))
  await vi.waitFor(async () => expect(await isDue()).toBe(0))
  expect(told).toEqual([`${first} could not be checked`])
})

test('puts right what the database says of a file that is right', async () => {
  const digest = await keep('old', 1000)
  const wrong = { digest, sizeBytes: 7, upstream: dockerHub, firstFetchedAt: 1000 }
  await stores.metadata.recordBlob(wrong)
  begin()
  await vi.waitFor(() => expect(healed).toHaveLength(1))
  expect(healed[0]).toMatchObject({
    finding: { kind: 'wrong-row', wantedBytes: 7, sizeBytes },
    outcome: { kind: 'recorded' },
  })
  expect(await stores.metadata.findBlob(digest)).toMatchObject({ sizeBytes, origin: dockerHub })
})

test('tells once of what was pushed and is lost, and leaves its record', async () => {
  const digest = digestNamed('pushed')
  await stores.hosted.linkPushed(repository, [{ digest, sizeBytes }], 1000)
  begin()
  await vi.waitFor(() => expect(healed).toHaveLength(1))
  expect(healed[0]?.outcome).toEqual({ kind: 'lost', hosted: [repository] })
  await keep('another', 1000)
  await vi.waitFor(async () => expect(await isDue()).toBe(0))
  expect(healed).toHaveLength(1)
  expect(await stores.hosted.findPushedBlob(repository, digest)).toBeDefined()
})

test('forgets what was mirrored and somebody has deleted, without fetching it', async () => {
  const digest = await keep('old', 1000)
  await rm(fileOf(digest))
  begin()
  await vi.waitFor(() => expect(healed[0]?.outcome.kind).toBe('forgotten'))
  expect(refetched).toEqual([])
  expect(await stores.metadata.findBlob(digest)).toBeUndefined()
})

test('reads no faster than it may, unless all of it takes too long then', async () => {
  for (let count = 0; count < 4; count++) await keep(`${count}`, 1000)
  begin(1_000_000)
  const startedAt = performance.now()
  await vi.waitFor(async () => expect(await isDue()).toBe(0), 5000)
  // 4 x (100,000 + 65,536) bytes, of which the last needs no wait.
  expect(performance.now() - startedAt).toBeGreaterThan(400)
  await integrity?.close()

  now += restMs + 1
  begin(1)
  await vi.waitFor(async () => expect(await isDue()).toBe(0), 8000)
}, 15_000)

test('ends at once when it is told to', async () => {
  await keep('old', 1000)
  await keep('older', 900)
  begin(1)
  // All of it within a second is its least, so that it waits in between.
  const startedAt = performance.now()
  await integrity?.close()
  expect(performance.now() - startedAt).toBeLessThan(1000)
})

test('what is being evicted is no loss', async () => {
  const digest = await keep('a', 0)
  const check = vi.spyOn(stores.blobs, 'check')
  await stores.holds.takeAway([digest], async () => {
    await stores.blobs.remove(digest)
    begin()
    await vi.waitFor(() => expect(check).toHaveBeenCalled())
    await check.mock.results[0]?.value
    await delay(20)
    await stores.space.forgetUnneeded([digest])
  })
  await vi.waitFor(async () => expect(await isDue()).toBe(0))
  expect([healed, refetched]).toEqual([[], []])
})
