import { describe, expect, test } from 'vitest'
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
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = MetadataStore & HostedRecords & CatalogRecords

export type CatalogPlace = RecordsPlace<Store>

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
  const records = openForEach(makePlace)

  const push = async (pushed: ReturnType<typeof newImage>, tags: readonly Tag[], to = app) => {
    const refusal = await records.store.recordPushed(to, {
      image: pushed,
      tags,
      needs: [],
      fixedTags: [],
    })
    expect(refusal).toBeUndefined()
  }
  const touch = (source: Source, digest: Digest, at: number) =>
    records.store.recordAccesses({ blobs: new Map(), images: [{ ...source, digest, at }] })
  const checked = (digest: Digest) => ({ digest, checkedAt: pushedAt })

  describe('tags', () => {
    test('of an image are listed in byte order', async () => {
      await records.store.recordImage(mirrored, newImage(image))
      await records.store.recordTag(mirrored, c, checked(image))
      await records.store.recordTag(mirrored, 'B' as Tag, checked(image))
      await records.store.recordTag(mirrored, a, { ...checked(image), goneAt: 2000 })
      expect(await records.store.listTagsOf(mirrored, image, 10)).toEqual(['B', c])
      expect(await records.store.listTagsOf(mirrored, image, 1)).toEqual(['B'])
    })

    test('that were pushed say when they were pulled last', async () => {
      await push(newImage(image), [a])
      expect(await records.store.findLastPull(hosted, image)).toBeUndefined()
      await touch(hosted, image, 5000)
      expect(await records.store.findLastPull(hosted, image)).toBe(5000)
      expect(await records.store.findLastPull(mirrored, image)).toBeUndefined()
    })
  })

  test('an index is as large as it and those of its manifests that are kept', async () => {
    const index = named('index')
    const platforms = ['one', 'two', 'three'].map(named)
    const listed = platforms.map((digest) => describeChild(digest, 500, ociManifest))
    await records.store.recordImage(mirrored, newImage(index, listed, ociIndex))
    expect(await records.store.measureIndex(index)).toBe(500)
    for (const digest of platforms.slice(0, 2))
      await records.store.recordImage(
        mirrored,
        newImage(digest, [describeChild(layer, 7), describeChild(shared, 9)]),
      )
    expect(await records.store.measureIndex(index)).toBe(500 + 2 * 516)
    expect(await records.store.measureIndex(named('none'))).toBe(0)
  })

  test('a layer is shared by other images, which have a tag of their own or their index’s', async () => {
    const children = [describeChild(shared, 9)]
    const than = { source: mirrored, digest: image }
    await records.store.recordImage(mirrored, newImage(image, children))
    await records.store.recordTag(mirrored, a, checked(image))
    expect(await records.store.listSharing(shared, than, 10)).toEqual([])

    await push(newImage(image, children), [b])
    await records.store.recordImage(other, newImage(named('platform'), children))
    const listed = [describeChild(named('platform'), 500, ociManifest)]
    await records.store.recordImage(other, newImage(named('index'), listed, ociIndex))
    await records.store.recordTag(other, c, checked(named('index')))
    await records.store.recordImage(other, newImage(named('untagged'), children))
    await touch(hosted, image, 9000)

    const sharing = await records.store.listSharing(shared, than, 10)
    expect(sharing[0]).toEqual({ source: hosted, digest: image, tag: b })
    expect(sharing).toContainEqual({ source: other, digest: named('platform'), tag: c })
    expect(sharing).toContainEqual({ source: other, digest: named('untagged'), tag: undefined })
    expect(sharing).toHaveLength(3)
    expect(await records.store.listSharing(shared, than, 1)).toHaveLength(1)
  })
}
