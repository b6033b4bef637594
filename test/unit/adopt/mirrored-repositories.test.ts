import { rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Digest } from '../../../src/oci/digest.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { startAdopting } from './start-adopting.ts'

const upstream = 'docker.io'
const name = 'library/alpine'
const alpine = { upstream: dockerHub, repository: parseRepository(name) }
const latest = 'latest' as Tag

test('an image is kept as if it had been pulled when it was pulled there', async () => {
  const { registry, stores, run } = await startAdopting()
  const { config, layers, manifest } = await registry.addImage(name, 'latest')
  const { told, counts } = await run({ upstream })
  expect([told, counts]).toEqual([
    [],
    expect.objectContaining({ repositories: 1, images: 1, tags: 1, blobs: 3, linkedBlobs: 3 }),
  ])
  const at = registry.pushedAt.getTime()
  const { metadata } = stores
  expect(await metadata.findTag(alpine, latest)).toEqual({ digest: manifest.digest, checkedAt: at })
  expect(await metadata.findImage(alpine, manifest.digest as Digest)).toMatchObject({
    mediaType: manifest.mediaType,
    firstFetchedAt: at,
    lastPulledAt: at,
  })
  for (const { digest, size } of [config, ...layers]) {
    expect(await metadata.isBlobLinked(alpine, digest as Digest)).toBe(true)
    expect(await metadata.findBlob(digest as Digest)).toMatchObject({
      origin: upstream,
      sizeBytes: size,
    })
    expect(await stores.blobs.find(digest as Digest)).toBe(size)
  }
  expect(await stores.hosted.isHosted(alpine.repository)).toBe(false)
})

test('an index of which one platform was pulled, and an image of which a layer has gone, are kept', async () => {
  const { registry, stores, run } = await startAdopting()
  const amd64 = await registry.addImage(name, undefined, { layers: ['amd64', 'gone'] })
  const other = { ...amd64.manifest, digest: `sha256:${'0'.repeat(64)}` }
  const index = await registry.addIndex(name, 'latest', [amd64.manifest, other])
  await rm(registry.contentOf(amd64.layers[1]?.digest ?? ''))
  const { told, notes } = await run({ upstream })
  expect(told).toEqual([])
  expect(notes).toEqual([
    {
      where: `docker.io/${name}@${amd64.manifest.digest}`,
      what: expect.stringContaining("1 of its 3 blobs aren't there"),
    },
  ])
  const { metadata } = stores
  expect((await metadata.findTag(alpine, latest))?.digest).toBe(index.digest)
  expect(await metadata.findImage(alpine, amd64.manifest.digest as Digest)).toBeDefined()
})

test('a layer with other bytes is named and left out; the image is fetched for the rest', async () => {
  const { registry, stores, run } = await startAdopting()
  const { layers, manifest } = await registry.addImage(name, 'latest')
  const digest = layers[0]?.digest as Digest
  await writeFile(registry.contentOf(digest), 'other')
  const { told } = await run({ upstream })
  expect(told).toEqual([{ where: digest, what: expect.stringContaining('holds other bytes') }])
  expect(await stores.blobs.find(digest)).toBeUndefined()
  expect(await stores.metadata.findImage(alpine, manifest.digest as Digest)).toBeDefined()
})

test('a second run takes what is new, and what has gone here', async () => {
  const { registry, stores, run } = await startAdopting()
  const { layers } = await registry.addImage(name, 'latest')
  await run({ upstream })
  const second = await run({ upstream })
  expect(second.counts).toMatchObject({
    images: 0,
    knownImages: 1,
    tags: 0,
    blobs: 0,
    readBytes: 0,
  })
  await stores.blobs.remove(layers[0]?.digest as Digest)
  await registry.addImage(name, 'other', { layers: ['a layer', 'new'] })
  const third = await run({ upstream })
  expect(third.counts).toMatchObject({ images: 1, knownImages: 1, tags: 1, blobs: 3 })
})

test('a tag that was asked for here later means what it means', async () => {
  const { registry, stores, run } = await startAdopting()
  const { manifest } = await registry.addImage(name, 'latest')
  const other = await registry.addImage(name, 'other', { layers: ['other'] })
  const later = { digest: other.manifest.digest as Digest, checkedAt: Date.now() }
  await stores.metadata.recordTag(alpine, latest, later)
  await run({ upstream })
  expect(await stores.metadata.findTag(alpine, latest)).toEqual(later)
  const soon = new Date(Date.now() + 60_000)
  await registry.setTag(name, 'latest', manifest.digest, soon)
  await run({ upstream })
  expect((await stores.metadata.findTag(alpine, latest))?.digest).toBe(manifest.digest)
})

test('a repository that may not be mirrored is named', async () => {
  const { registry, run } = await startAdopting({
    upstreams: { 'docker.io': { deny: ['team/**'] } },
  })
  await registry.addImage('team/app', '1')
  await registry.addImage(name, 'latest')
  const { told, counts } = await run({ upstream })
  expect(told).toEqual([{ where: 'team/app', what: expect.stringContaining('deny') }])
  expect(counts.repositories).toBe(1)
})

test('nothing is taken by a dry run', async () => {
  const { registry, stores, run } = await startAdopting()
  await registry.addImage(name, 'latest')
  const { counts } = await run({ upstream, isDryRun: true })
  expect(counts).toMatchObject({ images: 1, tags: 1, blobs: 3 })
  expect(await Array.fromAsync(stores.blobs.list())).toEqual([])
  expect(await stores.metadata.findTag(alpine, latest)).toBeUndefined()
})
