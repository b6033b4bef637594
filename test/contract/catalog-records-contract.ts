import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { ownSource, type Source } from '../../src/oci/source.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import type { CatalogRecords } from '../../src/store/catalog-records.ts'
import type { HostedRecords } from '../../src/store/hosted-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'

type Store = MetadataStore & HostedRecords & CatalogRecords

/** A database that a test has to itself. */
export type CatalogPlace = { open(): Promise<Store>; remove(): Promise<void> }

const app = parseRepository('team/app')
const hosted = ownSource(app)
const mirrored: Source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const other: Source = { ...mirrored, repository: parseRepository('library/other') }
const [a, b, c] = ['a', 'b', 'c'] as [Tag, Tag, Tag]
const pushedAt = 1000

const named = (name: string): Digest => digestOf(Buffer.from(name))
const [image, layer, shared] = [named('image'), named('layer'), named('shared')]

const describeChild = (
  digest: Digest,
  sizeBytes: number,
  mediaType = 'application/x',
): Descriptor => {
  return { digest, sizeBytes, mediaType }
}

const newImage = (
  digest: Digest,
  children: readonly Descriptor[] = [],
  mediaType = ociManifest,
) => {
  const facts = { artifactType: undefined, subject: undefined, annotations: undefined }
  return {
    digest,
    mediaType,
    sizeBytes: 500,
    children,
    ...facts,
    pushedAt,
    firstFetchedAt: pushedAt,
  }
}

/** What every place of CatalogRecords promises. */
export function testCatalogRecords(makePlace: () => Promise<CatalogPlace>): void {
  let place: CatalogPlace
  let store: Store

  beforeEach(async () => {
    place = await makePlace()
    store = await place.open()
  })
  afterEach(async () => {
    await store.close()
    await place.remove()
  })

  const keepBlob = async (source: Source, digest: Digest, sizeBytes: number) => {
    await store.recordBlob({ digest, sizeBytes, upstream: source.upstream, firstFetchedAt: 1 })
    await store.linkBlob(source, digest)
  }
  const push = async (pushed: ReturnType<typeof newImage>, tags: readonly Tag[], to = app) => {
    const refusal = await store.recordPushed(to, { image: pushed, tags, needs: [], fixedTags: [] })
    expect(refusal).toBeUndefined()
  }
  const touch = (source: Source, digest: Digest, at: number) =>
    store.recordAccesses({ blobs: new Map(), images: [{ ...source, digest, at }] })
  const checked = (digest: Digest) => ({ digest, checkedAt: pushedAt })

  describe('a repository', () => {
    test('that was pushed has each of its blobs once, all its tags, and no pull until there is one', async () => {
      await store.linkPushed(
        app,
        [layer, shared].map((digest) => ({ digest, sizeBytes: 7 })),
        1,
      )
      await store.linkPushed(app, [{ digest: layer, sizeBytes: 7 }], 2)
      await push(newImage(image), [a, b])
      await push(newImage(named('two')), [c])
      const told = { source: hosted, tagCount: 3, sizeBytes: 14 }

      const page = { limit: 10 }
      expect(await store.describeRepositories(page)).toEqual([{ ...told, lastPulledAt: undefined }])
      await touch(hosted, image, 5000)
      expect(await store.describeRepositories(page)).toEqual([{ ...told, lastPulledAt: 5000 }])
      await store.unlinkPushed(app, layer)
      expect(await store.describeRepositories(page)).toMatchObject([{ sizeBytes: 7 }])
    })

    test('that is mirrored has what is kept of it, whatever repository that came through', async () => {
      const children = [
        describeChild(layer, 7),
        describeChild(shared, 9),
        describeChild(named('x'), 11),
      ]
      await store.recordImage(mirrored, newImage(image, children))
      await keepBlob(mirrored, layer, 7)
      await keepBlob(other, shared, 9)
      await store.recordTag(mirrored, a, checked(image))
      await store.recordTag(mirrored, b, { ...checked(image), goneAt: 2000 })

      const told = { source: mirrored, tagCount: 1, sizeBytes: 16, lastPulledAt: pushedAt }
      expect(await store.describeRepositories({ limit: 10 })).toEqual([told])
      expect(await store.hasImages(mirrored)).toBe(true)
      expect(await store.hasImages(other)).toBe(false)
      expect(await store.hasImages({ ...mirrored, repository: app })).toBe(false)
    })

    test('comes in the order and in the pages in which repositories are listed', async () => {
      const names = Array.from({ length: 60 }, (_, index) => `r${index * 7}/x`).sort()
      for (const name of names) await push(newImage(image), [a], parseRepository(name))
      await store.recordImage(mirrored, newImage(image))
      for (const page of [
        { limit: 100 },
        { limit: 7 },
        { limit: 50, after: names[3] },
        { limit: 10, upstream: dockerHub },
        { limit: 0 },
      ]) {
        const described = await store.describeRepositories(page)
        expect(described.map(({ source }) => source)).toEqual(await store.listRepositories(page))
      }
      expect(await store.describeRepositories({ limit: 100 })).toHaveLength(61)
    })
  })

  describe('tags', () => {
    test('are listed in byte order, with what they point to, and without those that are gone', async () => {
      const children = [describeChild(layer, 7), describeChild(shared, 2 ** 40)]
      await store.recordImage(mirrored, newImage(image, children))
      await store.recordTag(mirrored, c, checked(image))
      await store.recordTag(mirrored, 'B' as Tag, checked(image))
      await store.recordTag(mirrored, a, { ...checked(image), goneAt: 2000 })
      await store.recordTag(mirrored, b, checked(named('not kept')))

      const told = {
        digest: image,
        manifestBytes: 500,
        image: { mediaType: ociManifest, totalBytes: 507 + 2 ** 40 },
        lastPulledAt: pushedAt,
      }
      const listed = await store.listTagged(mirrored, { limit: 10 })
      expect(listed).toEqual([
        { tag: 'B', ...told },
        { tag: c, ...told },
      ])
      expect(await store.listTagged(mirrored, { after: 'B', limit: 1 })).toMatchObject([{ tag: c }])
      expect(await store.listTagged(other, { limit: 10 })).toEqual([])
      expect(await store.listTagsOf(mirrored, image, 10)).toEqual(['B', c])
      expect(await store.listTagsOf(mirrored, image, 1)).toEqual(['B'])
    })

    test('of a manifest that came through another repository have none of their own', async () => {
      await store.recordImage(other, newImage(image))
      await store.recordTag(mirrored, a, checked(image))
      const listed = await store.listTagged(mirrored, { limit: 10 })
      expect(listed).toMatchObject([{ tag: a, image: undefined, lastPulledAt: undefined }])
    })

    test('that were pushed say when they were pulled last', async () => {
      await push(newImage(image), [a])
      expect(await store.findLastPull(hosted, image)).toBeUndefined()
      await touch(hosted, image, 5000)
      expect(await store.listTagged(hosted, { limit: 1 })).toMatchObject([{ lastPulledAt: 5000 }])
      expect(await store.findLastPull(hosted, image)).toBe(5000)
      expect(await store.findLastPull(mirrored, image)).toBeUndefined()
    })
  })

  test('an index is as large as it and those of its manifests that are kept', async () => {
    const index = named('index')
    const platforms = ['one', 'two', 'three'].map(named)
    const listed = platforms.map((digest) => describeChild(digest, 500, ociManifest))
    await store.recordImage(mirrored, newImage(index, listed, ociIndex))
    expect(await store.measureIndex(index)).toBe(500)
    for (const digest of platforms.slice(0, 2))
      await store.recordImage(
        mirrored,
        newImage(digest, [describeChild(layer, 7), describeChild(shared, 9)]),
      )
    expect(await store.measureIndex(index)).toBe(500 + 2 * 516)
    expect(await store.measureIndex(named('none'))).toBe(0)
  })
}
