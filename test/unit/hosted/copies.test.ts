import { rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Copies, type Copy } from '../../../src/hosted/copies.ts'
import { HostedBlobs } from '../../../src/hosted/hosted-blobs.ts'
import { type Digest, digestHex, digestOf } from '../../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../../src/oci/media-type.ts'
import { parsePushedManifest } from '../../../src/oci/pushed-manifest.ts'
import type { Reference, Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import type { Source } from '../../../src/oci/source.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const upstream = 'docker.io' as UpstreamName
const from: Source = { upstream, repository: parseRepository('library/node') }
const to = parseRepository('node')
const tag = '20' as Tag
const notKept = expect.objectContaining({ code: 'MANIFEST_UNKNOWN' })

let directory: TemporaryDirectory
let stores: Stores
let copies: Copies
/** Happens when what is kept has been looked at, and nothing is recorded yet. */
let meanwhile: () => void

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  const onError = (error: unknown) => {
    throw error
  }
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
  meanwhile = () => {}
  const now = () => 1000
  const blobs = new HostedBlobs({ stores, isOpen: () => true, now })
  const isFixed = () => {
    meanwhile()
    return false
  }
  copies = new Copies({ stores, blobs, isFixed, now })
})
afterEach(async () => {
  await stores.close()
  await directory.remove()
})

async function keep(content: string | Buffer) {
  const bytes = Buffer.from(content)
  const digest = digestOf(bytes)
  await putBlob(stores.blobs, digest, bytes)
  const blob = { digest, sizeBytes: bytes.length, upstream, firstFetchedAt: 1000 }
  await stores.metadata.recordBlob(blob)
  return { mediaType: 'application/vnd.example', digest, size: bytes.length }
}

type Listed = Awaited<ReturnType<typeof keep>>

async function keepManifest(mediaType: string, details: object): Promise<Listed> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...details }))
  const kept = { ...(await keep(bytes)), mediaType }
  const image = { ...parsePushedManifest(bytes, mediaType), ...kept }
  const record = { ...image, sizeBytes: kept.size, firstFetchedAt: 1000 }
  await stores.metadata.recordImage(from, record)
  return kept
}

const keepImage = async (...layers: readonly Listed[]) =>
  keepManifest(ociManifest, { config: await keep('{}'), layers })
const keepIndex = (...manifests: readonly Listed[]) => keepManifest(ociIndex, { manifests })

const copy = (reference: Reference, details: Partial<Copy> = {}) =>
  copies.copy({ from, reference, to, tags: [tag], ...details })
const pathOf = (digest: Digest) => join(directory.path, 'blobs', 'sha256', digestHex(digest))

test('copies what an index lists before the index, and gives the tag to it alone', async () => {
  const images = [await keepImage(await keep('a')), await keepImage(await keep('b'))]
  const inner = await keepIndex(...images)
  const index = await keepIndex(inner, ...images)
  const copied = { digest: index.digest, imageCount: 4, missing: [] }
  expect(await copy(index.digest)).toEqual(copied)
  expect(await stores.hosted.findPushedTag(to, tag)).toBe(index.digest)
  for (const { digest } of images) {
    expect(await stores.hosted.listPushedTagsOf(to, digest)).toEqual([])
    expect(await stores.hosted.findPushed(to, digest)).toBeDefined()
  }
})

test.each<[what: string, damage: (image: Listed, layer: Listed) => void]>([
  ['whose layer is gone', (_, layer) => rmSync(pathOf(layer.digest))],
  ['whose layer is cut off', (_, layer) => truncateSync(pathOf(layer.digest), 1)],
  ['whose manifest is gone', (image) => rmSync(pathOf(image.digest))],
  ['whose manifest is cut off', (image) => truncateSync(pathOf(image.digest), 1)],
])('leaves out a platform %s', async (_what, damage) => {
  const layer = await keep('a layer that is lost')
  const [broken, whole] = [await keepImage(layer), await keepImage(await keep('b'))]
  const index = await keepIndex(broken, whole)
  damage(broken, layer)
  expect(await copy(index.digest)).toMatchObject({ imageCount: 2, missing: [broken.digest] })
  await expect(copy(broken.digest)).rejects.toEqual(notKept)
})

test('leaves out a platform whose size its index gets wrong', async () => {
  const [wrong, right] = [await keepImage(await keep('a')), await keepImage(await keep('b'))]
  const index = await keepIndex({ ...wrong, size: wrong.size + 1 }, right)
  expect(await copy(index.digest)).toMatchObject({ imageCount: 2, missing: [wrong.digest] })
})

test('an index of which nothing is whole records nothing', async () => {
  const layer = await keep('a layer that is lost')
  const index = await keepIndex(await keepIndex(await keepImage(layer)))
  rmSync(pathOf(layer.digest))
  await expect(copy(index.digest)).rejects.toEqual(notKept)
  expect(await stores.hosted.isHosted(to)).toBe(false)
})

test('a layer that goes meanwhile leaves the name unhosted', async () => {
  const layer = await keep('b')
  const index = await keepIndex(await keepImage(await keep('a')), await keepImage(layer))
  meanwhile = () => rmSync(pathOf(layer.digest), { force: true })
  await expect(copy(index.digest)).rejects.toEqual(notKept)
  expect(await stores.hosted.isHosted(to)).toBe(false)
})
