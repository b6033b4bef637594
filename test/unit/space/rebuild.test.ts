import { symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import type { Healed } from '../../../src/space/finding.ts'
import { Healer } from '../../../src/space/healer.ts'
import { Rebuild } from '../../../src/space/rebuild.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
const now = () => 10_000_000
/** Seconds since 1970. */
const longAgo = 5_000

let directory: TemporaryDirectory
let stores: Stores
const healed: Healed[] = []
const stopping = new AbortController()

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, silent)
})

afterEach(async () => {
  await stores.close()
  await directory.remove()
  healed.length = 0
})

const fileOf = (digest: Digest) => join(directory.path, 'blobs', 'sha256', digest.slice(7))

const put = async (content: string) => {
  const digest = digestOf(Buffer.from(content))
  await putBlob(stores.blobs, digest, Buffer.from(content))
  await utimes(fileOf(digest), longAgo, longAgo)
  return digest
}

const rebuild = (signal = stopping.signal) => {
  const refetch = () => Promise.reject(new Error('no upstream here'))
  const healer = new Healer({ stores, refetch, onGone: () => {}, now })
  const onHealed = (one: Healed) => healed.push(one)
  return new Rebuild({ stores, healer, now, onHealed, signal })
}

test('records files of which nothing is known, with what manifests say', async () => {
  const layer = await put('a layer')
  const child = { mediaType: 'a/b', digest: layer, size: 7 }
  const manifest = await put(JSON.stringify({ schemaVersion: 2, layers: [child] }))
  expect(await rebuild().run()).toEqual({ files: 2, manifests: 1 })
  expect(await stores.metadata.findBlob(layer)).toMatchObject({
    sizeBytes: 7,
    firstFetchedAt: longAgo * 1000,
  })
  expect(await stores.metadata.isManifestKept(manifest)).toBe(true)
  expect(await stores.metadata.isManifestKept(layer)).toBe(false)
  expect(await rebuild().run()).toEqual({ files: 0, manifests: 0 })
})

test('leaves alone what is being brought, which is recorded by who brings it', async () => {
  const digest = await put('a layer')
  await stores.holds.during(digest, async () => {
    expect(await rebuild().run()).toEqual({ files: 0, manifests: 0 })
    expect(await stores.integrity.measureRecorded()).toEqual({ blobs: 0, bytes: 0 })
  })
})

test('changes no record that is there', async () => {
  const known = await put('known')
  await stores.metadata.recordBlob({
    digest: known,
    sizeBytes: 5,
    upstream: dockerHub,
    firstFetchedAt: 1000,
  })
  await put('unknown')
  expect(await rebuild().run()).toEqual({ files: 1, manifests: 0 })
  expect(await stores.metadata.findBlob(known)).toMatchObject({ origin: dockerHub })
})

test('finds a file beside as many records of files that are gone', async () => {
  const gone = digestOf(Buffer.from('gone'))
  const blob = { digest: gone, sizeBytes: 4, upstream: dockerHub, firstFetchedAt: 1000 }
  await stores.metadata.recordBlob(blob)
  await put('unknown')
  expect(await rebuild().run()).toEqual({ files: 1, manifests: 0 })
})

test('moves away a file that isn’t what it is called', async () => {
  const digest = await put('a layer')
  await writeFile(fileOf(digest), 'A LAYER')
  await utimes(fileOf(digest), longAgo, longAgo)
  expect(await rebuild().run()).toEqual({ files: 0, manifests: 0 })
  expect(healed).toMatchObject([{ finding: { kind: 'wrong-bytes' }, outcome: { kind: 'removed' } }])
  expect(await stores.blobs.find(digest)).toBeUndefined()
})

test('ends when it is told to', async () => {
  await put('a layer')
  await expect(rebuild(AbortSignal.abort()).run()).rejects.toThrow('abort')
})

test('goes on beside a file that can’t even be looked at', async () => {
  await put('a layer')
  const loop = digestOf(Buffer.from('a loop'))
  await symlink(fileOf(loop), fileOf(loop))
  expect(await rebuild().run()).toEqual({ files: 1, manifests: 0 })
  expect(healed).toMatchObject([{ finding: { kind: 'unreadable', digest: loop } }])
})
