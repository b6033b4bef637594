import { describe, expect, test } from 'vitest'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { formatSource, pushedHere, type Source } from '../../src/oci/source.ts'
import type { UpstreamName } from '../../src/oci/upstream-name.ts'
import type {
  MetadataStore,
  NewBlob,
  NewImage,
  RepositoriesPage,
} from '../../src/store/metadata-store.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

export type MetadataPlace = RecordsPlace<MetadataStore>

const alpine = sourceOf('docker.io', 'library/alpine')
const other = sourceOf('docker.io', 'library/other')
/** The same repository, elsewhere. */
const mirrored = sourceOf('quay.io', 'library/alpine')

const image = named('image')
const index = named('index')
const layer = named('layer')
const latest = 'latest' as Tag

function sourceOf(upstream: string, name: string): Source {
  return { upstream: upstream as UpstreamName, repository: parseRepository(name) }
}

function named(name: string): Digest {
  return digestOf(Buffer.from(name))
}

function child(digest: Digest, sizeBytes: number): Descriptor {
  return { mediaType: 'application/vnd.x', digest, sizeBytes }
}

/** As an index names a manifest. */
function listed(digest: Digest, sizeBytes: number): Descriptor {
  return { mediaType: ociManifest, digest, sizeBytes }
}

function newBlob(
  digest: Digest,
  details: { readonly sizeBytes?: number; readonly firstFetchedAt?: number } = {},
): NewBlob {
  return { digest, sizeBytes: 7, upstream: alpine.upstream, firstFetchedAt: 1000, ...details }
}

function newImage(digest: Digest, details: Partial<NewImage> = {}): NewImage {
  return {
    digest,
    mediaType: ociManifest,
    sizeBytes: 500,
    artifactType: undefined,
    subject: undefined,
    children: [],
    firstFetchedAt: 1000,
    ...details,
  }
}

/** What every MetadataStore promises, whatever the engine. */
export function testMetadataStore(makePlace: () => Promise<MetadataPlace>): void {
  const records = openForEach(makePlace)

  test('a store that is open can be asked', async () => {
    await expect(records.store.ping()).resolves.toBeUndefined()
  })

  test('may be asked again and again', async () => {
    for (let count = 0; count < 3; count++) await records.store.ping()
    await expect(Promise.all([records.store.ping(), records.store.ping()])).resolves.toHaveLength(2)
  })

  test('a store that is closed cannot', async () => {
    const { store } = records
    await records.close()
    await expect(store.ping()).rejects.toThrow()
  })

  describe('a blob', () => {
    test('is unknown until it is recorded', async () => {
      expect(await records.store.findBlob(layer)).toBeUndefined()
      await records.store.recordBlob(newBlob(layer, { sizeBytes: 7, firstFetchedAt: 1000 }))
      expect(await records.store.findBlob(layer)).toEqual({
        sizeBytes: 7,
        origin: alpine.upstream,
        firstFetchedAt: 1000,
        lastAccessedAt: 1000,
      })
    })

    test('that is recorded again was first fetched when it was', async () => {
      await records.store.recordBlob(newBlob(layer, { sizeBytes: 7, firstFetchedAt: 1000 }))
      await records.store.recordBlob(newBlob(layer, { sizeBytes: 7, firstFetchedAt: 2000 }))
      expect(await records.store.findBlob(layer)).toMatchObject({ firstFetchedAt: 1000 })
    })

    test('may have any size and any time', async () => {
      const record = { sizeBytes: Number.MAX_SAFE_INTEGER, firstFetchedAt: 8_640_000_000_000_000 }
      await records.store.recordBlob(newBlob(layer, record))
      expect(await records.store.findBlob(layer)).toMatchObject(record)
    })

    test('is linked to the repository that it was linked to, and to no other', async () => {
      expect(await records.store.isBlobLinked(alpine, layer)).toBe(false)
      await records.store.linkBlob(alpine, layer)
      expect(await records.store.isBlobLinked(alpine, layer)).toBe(true)
      expect(await records.store.isBlobLinked(alpine, named('another layer'))).toBe(false)
      expect(await records.store.isBlobLinked(other, layer)).toBe(false)
      expect(await records.store.isBlobLinked(mirrored, layer)).toBe(false)
    })

    test('may be linked twice, and to several repositories', async () => {
      await records.store.linkBlob(alpine, layer)
      await records.store.linkBlob(alpine, layer)
      await records.store.linkBlob(mirrored, layer)
      expect(await records.store.isBlobLinked(alpine, layer)).toBe(true)
      expect(await records.store.isBlobLinked(mirrored, layer)).toBe(true)
    })

    test('is linked by a manifest that names it, where it is the same upstream’s', async () => {
      await records.store.recordBlob(newBlob(layer))
      const names = newImage(image, { children: [child(layer, 7)] })
      await records.store.recordImage(alpine, names)
      expect(await records.store.isBlobLinked(alpine, layer)).toBe(true)
      expect(await records.store.isBlobLinked(other, layer)).toBe(false)
      await records.store.recordImage(mirrored, names)
      expect(await records.store.isBlobLinked(mirrored, layer)).toBe(false)
    })

    test('that a manifest names came from where it was fetched first', async () => {
      await records.store.recordBlob(newBlob(layer))
      expect(await records.store.findNamedOrigin(mirrored, layer)).toBeUndefined()
      await records.store.recordImage(mirrored, newImage(image, { children: [child(layer, 7)] }))
      expect(await records.store.findNamedOrigin(mirrored, layer)).toBe(alpine.upstream)
      expect(await records.store.findNamedOrigin(alpine, layer)).toBeUndefined()
      expect(await records.store.findNamedOrigin(mirrored, named('another layer'))).toBeUndefined()
    })

    test('is not linked by a manifest before it is kept', async () => {
      await records.store.recordImage(alpine, newImage(image, { children: [child(layer, 7)] }))
      expect(await records.store.isBlobLinked(alpine, layer)).toBe(false)
    })

    test('has the size that a manifest of the repository gives', async () => {
      await records.store.recordImage(alpine, newImage(image, { children: [child(layer, 7)] }))
      expect(await records.store.findChildSize(alpine, layer)).toBe(7)
      expect(await records.store.findChildSize(alpine, named('another layer'))).toBeUndefined()
      expect(await records.store.findChildSize(other, layer)).toBeUndefined()
      await records.store.linkBlob(other, layer)
      expect(await records.store.findChildSize(other, layer)).toBeUndefined()
    })
  })

  describe('an image', () => {
    test('is unknown until it is recorded', async () => {
      expect(await records.store.findImage(alpine, image)).toBeUndefined()
      expect(await records.store.isManifestKept(image)).toBe(false)
      expect(await records.store.isManifest(alpine, image)).toBe(false)
      expect(await records.store.listRepositories({ limit: 10 })).toEqual([])
    })

    test('is what its manifest says, with all that it names', async () => {
      const children = [child(named('config'), 20), child(layer, 7)]
      await records.store.recordImage(alpine, newImage(image, { children }))
      expect(await records.store.findImage(alpine, image)).toEqual({
        mediaType: ociManifest,
        sizeBytes: 500,
        totalBytes: 527,
        firstFetchedAt: 1000,
        lastPulledAt: 1000,
        isOwn: true,
      })
      expect(await records.store.isManifestKept(image)).toBe(true)
      expect(await records.store.isManifest(alpine, image)).toBe(true)
      expect(await records.store.isManifest(other, image)).toBe(true)
      expect(await records.store.isManifest(mirrored, image)).toBe(false)
    })

    test('is a blob too', async () => {
      await records.store.recordImage(alpine, newImage(image))
      expect(await records.store.findBlob(image)).toMatchObject({
        sizeBytes: 500,
        firstFetchedAt: 1000,
      })
    })

    test('belongs to the repository it was recorded for, and to no other', async () => {
      await records.store.recordImage(alpine, newImage(image))
      expect(await records.store.findImage(other, image)).toBeUndefined()
      expect(await records.store.findImage(mirrored, image)).toBeUndefined()
      await records.store.recordImage(other, newImage(image, { firstFetchedAt: 2000 }))
      expect(await records.store.findImage(other, image)).toMatchObject({ firstFetchedAt: 2000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({ firstFetchedAt: 1000 })
    })

    test('that is recorded again stays what it was', async () => {
      const wanted = newImage(image, { children: [child(layer, 7)] })
      await records.store.recordImage(alpine, wanted)
      await records.store.recordImage(alpine, { ...wanted, firstFetchedAt: 2000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({
        totalBytes: 507,
        firstFetchedAt: 1000,
      })
    })

    test('counts a layer once that it names twice', async () => {
      const children = [child(layer, 7), child(layer, 7)]
      await records.store.recordImage(alpine, newImage(image, { children }))
      expect(await records.store.findImage(alpine, image)).toMatchObject({ totalBytes: 507 })
    })

    test('may name as much as a manifest of 4 MiB can', async () => {
      const children = Array.from({ length: 20_000 }, (_, at) => child(named(`layer ${at}`), 1))
      await records.store.recordImage(alpine, newImage(image, { children }))
      expect(await records.store.findImage(alpine, image)).toMatchObject({ totalBytes: 20_500 })
      expect(await records.store.findChildSize(alpine, named('layer 19999'))).toBe(1)
    })

    test('may claim more bytes than there are', async () => {
      const children = Array.from({ length: 2000 }, (_, at) =>
        child(named(`layer ${at}`), Number.MAX_SAFE_INTEGER),
      )
      await records.store.recordImage(alpine, newImage(image, { children }))
      expect(await records.store.findImage(alpine, image)).toMatchObject({ sizeBytes: 500 })
    })

    test('is found through an index that the repository has', async () => {
      await records.store.recordImage(other, newImage(image, { children: [child(layer, 7)] }))
      const children = [listed(image, 500)]
      const details = { mediaType: ociIndex, children, firstFetchedAt: 3000 }
      await records.store.recordImage(alpine, newImage(index, details))
      expect(await records.store.findImage(alpine, image)).toEqual({
        mediaType: ociManifest,
        sizeBytes: 500,
        totalBytes: 507,
        firstFetchedAt: 3000,
        lastPulledAt: 3000,
        isOwn: false,
      })
      expect(await records.store.findImage(mirrored, image)).toBeUndefined()
      await records.store.linkImage(alpine, image, { mediaType: ociManifest, at: 4000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({
        isOwn: true,
        lastPulledAt: 4000,
      })
    })

    test('that an index lists is not found before it is kept', async () => {
      const children = [listed(image, 500)]
      await records.store.recordImage(alpine, newImage(index, { mediaType: ociIndex, children }))
      expect(await records.store.findImage(alpine, image)).toBeUndefined()
      expect(await records.store.isManifestKept(image)).toBe(false)
      expect(await records.store.isManifest(alpine, image)).toBe(true)
      expect(await records.store.isManifest(other, image)).toBe(false)
    })

    test('of another upstream is not opened by an index that names it', async () => {
      await records.store.recordImage(mirrored, newImage(image))
      const children = [listed(image, 500)]
      await records.store.recordImage(alpine, newImage(index, { mediaType: ociIndex, children }))
      expect(await records.store.findImage(alpine, image)).toBeUndefined()
    })

    test('has the type that its own upstream gives it', async () => {
      await records.store.recordImage(
        mirrored,
        newImage(image, { mediaType: 'application/vnd.x+json' }),
      )
      await records.store.recordImage(alpine, newImage(image))
      expect(await records.store.findImage(mirrored, image)).toMatchObject({
        mediaType: 'application/vnd.x+json',
      })
      expect(await records.store.findImage(alpine, image)).toMatchObject({ mediaType: ociManifest })
    })

    test('is not what a manifest calls a layer, whatever type it gives it', async () => {
      const children = [{ ...child(layer, 7), mediaType: ociManifest }]
      await records.store.recordImage(alpine, newImage(image, { children }))
      expect(await records.store.isManifest(alpine, layer)).toBe(false)
    })

    test('is the parent of what it names, in its own repository', async () => {
      expect(await records.store.findParent(alpine, layer)).toBeUndefined()
      await records.store.recordImage(alpine, newImage(image, { children: [child(layer, 7)] }))
      expect(await records.store.findParent(alpine, layer)).toBe(image)
      expect(await records.store.findParent(alpine, image)).toBeUndefined()
      expect(await records.store.findParent(other, layer)).toBeUndefined()
      expect(await records.store.findParent(mirrored, layer)).toBeUndefined()
    })

    test('that was pulled last is the parent of what several name', async () => {
      const digests = ['first', 'second', 'third'].map(named)
      for (const digest of digests) {
        await records.store.recordImage(alpine, newImage(digest, { children: [child(layer, 7)] }))
      }
      const pulls = [2000, 4000, 3000].map((at, i) => ({ digest: digests[i] ?? image, at }))
      const images = pulls.map((pull) => ({ ...alpine, ...pull }))
      await records.store.recordAccesses({ blobs: new Map(), images })
      expect(await records.store.findParent(alpine, layer)).toBe(named('second'))
    })

    test('makes its repository one that is listed', async () => {
      await records.store.recordImage(alpine, newImage(image))
      await records.store.recordImage(alpine, newImage(index))
      await records.store.recordImage(mirrored, newImage(image))
      await records.store.linkBlob(other, layer)
      const listed = (await records.store.listRepositories({ limit: 10 })).map(formatSource)
      expect(listed).toEqual(['docker.io/library/alpine', 'quay.io/library/alpine'])
    })

    test('and it is listed in byte order, a page at a time, of all upstreams or of one', async () => {
      const sources = ['a-b/c', 'a/b', 'a0', 'a', 'docker.io-x/y', 'b']
        .map((name) => ({ upstream: pushedHere, repository: parseRepository(name) }))
        .concat(other, mirrored, alpine, sourceOf('docker.io', 'a'))
      for (const source of sources) await records.store.recordImage(source, newImage(image))
      const listed = async (page: Partial<RepositoriesPage>) =>
        (await records.store.listRepositories({ limit: 100, ...page })).map(formatSource)
      const names = sources.map(formatSource).sort()
      expect(await listed({})).toEqual(names)
      for (const limit of [1, 3, 4]) {
        const seen: string[] = []
        for (let left = true; left; ) {
          const page = await listed({ after: seen.at(-1), limit })
          left = page.length === limit
          seen.push(...page)
        }
        expect(seen).toEqual(names)
      }
      expect(await listed({ after: 'docker.io/library/b' })).toEqual([
        'docker.io/library/other',
        'quay.io/library/alpine',
      ])
      expect(await listed({ upstream: alpine.upstream, after: 'a' })).toEqual([
        'docker.io/library/alpine',
        'docker.io/library/other',
      ])
      expect(await listed({ limit: 0 })).toEqual([])
    })
  })

  describe('a tag', () => {
    test('is unknown until it is recorded', async () => {
      expect(await records.store.findTag(alpine, latest)).toBeUndefined()
      expect(await records.store.listTags(alpine)).toEqual([])
    })

    test('means what was last recorded', async () => {
      await records.store.recordTag(alpine, latest, { digest: image, checkedAt: 1000 })
      await records.store.recordTag(alpine, latest, { digest: index, checkedAt: 2000 })
      expect(await records.store.findTag(alpine, latest)).toEqual({
        digest: index,
        checkedAt: 2000,
      })
      expect(await records.store.listTags(alpine)).toEqual([latest])
    })

    test('is there until it is recorded as gone, and when it is recorded as there again', async () => {
      const there = { digest: image, checkedAt: 1000 }
      await records.store.recordTag(alpine, latest, there)
      expect((await records.store.findTag(alpine, latest))?.goneAt).toBeUndefined()
      await records.store.recordTag(alpine, latest, { ...there, goneAt: 8_640_000_000_000_000 })
      expect(await records.store.findTag(alpine, latest)).toEqual({
        ...there,
        goneAt: 8_640_000_000_000_000,
      })
      expect(await records.store.listTags(alpine)).toEqual([])
      await records.store.recordTag(alpine, latest, { ...there, goneAt: undefined })
      expect((await records.store.findTag(alpine, latest))?.goneAt).toBeUndefined()
    })

    test('belongs to one repository', async () => {
      await records.store.recordTag(alpine, latest, { digest: image, checkedAt: 1000 })
      expect(await records.store.findTag(other, latest)).toBeUndefined()
      expect(await records.store.findTag(mirrored, latest)).toBeUndefined()
      expect(await records.store.listTags(other)).toEqual([])
    })

    test('is another in capitals', async () => {
      const capitals = 'LATEST' as Tag
      await records.store.recordTag(alpine, latest, { digest: image, checkedAt: 1000 })
      await records.store.recordTag(alpine, capitals, { digest: index, checkedAt: 1000 })
      expect(await records.store.findTag(alpine, latest)).toMatchObject({ digest: image })
      expect(await records.store.findTag(alpine, capitals)).toMatchObject({ digest: index })
      expect([...(await records.store.listTags(alpine))].sort()).toEqual([capitals, latest])
    })

    test('may be recorded by many at once', async () => {
      const tags = Array.from({ length: 50 }, (_, at) => `v${at}` as Tag)
      const record = { digest: image, checkedAt: 1000 }
      await Promise.all(tags.map((tag) => records.store.recordTag(alpine, tag, record)))
      expect([...(await records.store.listTags(alpine))].sort()).toEqual([...tags].sort())
    })
  })

  describe('a list', () => {
    test('is unknown until it is recorded', async () => {
      expect(await records.store.findTagList(alpine)).toBeUndefined()
      expect(await records.store.findReferrers(alpine, image)).toBeUndefined()
    })

    test('of tags is what was last recorded, in its order', async () => {
      await records.store.recordTagList(alpine, { entries: ['1', '2'], fetchedAt: 1000 })
      const newest = { entries: ['b', 'a', 'ü'], fetchedAt: 2000 }
      await records.store.recordTagList(alpine, newest)
      expect(await records.store.findTagList(alpine)).toEqual(newest)
      expect(await records.store.findTagList(other)).toBeUndefined()
    })

    test('of tags leaves alone the tags that are kept', async () => {
      await records.store.recordTagList(alpine, { entries: ['1'], fetchedAt: 1000 })
      expect(await records.store.listTags(alpine)).toEqual([])
    })

    test('may be empty', async () => {
      await records.store.recordTagList(alpine, { entries: [], fetchedAt: 1000 })
      expect(await records.store.findTagList(alpine)).toEqual({ entries: [], fetchedAt: 1000 })
    })

    test('of referrers belongs to a subject, and holds whatever upstream said', async () => {
      const entries = [{ digest: layer, annotations: { a: 'b' } }, null, 'x']
      await records.store.recordReferrers(alpine, image, { entries, fetchedAt: 1000 })
      expect(await records.store.findReferrers(alpine, image)).toEqual({ entries, fetchedAt: 1000 })
      expect(await records.store.findReferrers(alpine, index)).toBeUndefined()
      expect(await records.store.findReferrers(other, image)).toBeUndefined()
      await records.store.recordReferrers(alpine, image, { entries: [], fetchedAt: 2000 })
      expect(await records.store.findReferrers(alpine, image)).toEqual({
        entries: [],
        fetchedAt: 2000,
      })
    })
  })

  describe('a switch', () => {
    test('is unknown until it is switched', async () => {
      expect(await records.store.findSwitch('offline')).toBeUndefined()
    })

    test('is as it was last switched', async () => {
      for (const isOn of [true, true, false, true]) {
        await records.store.recordSwitch('offline', isOn)
        expect(await records.store.findSwitch('offline')).toBe(isOn)
      }
    })

    test('may be switched while other things are written', async () => {
      const children = Array.from({ length: 3000 }, (_, at) => child(named(`layer ${at}`), 1))
      await Promise.all([
        records.store.recordImage(alpine, newImage(image, { children })),
        records.store.recordSwitch('offline', true),
        records.store.recordSwitch('offline', false),
        records.store.recordTag(alpine, latest, { digest: image, checkedAt: 1000 }),
        records.store.ping(),
      ])
      expect(await records.store.findSwitch('offline')).toBe(false)
      expect(await records.store.findImage(alpine, image)).toMatchObject({ totalBytes: 3500 })
    })
  })

  describe('an access', () => {
    const touch = (digest: Digest, at: number) =>
      records.store.recordAccesses({
        blobs: new Map([[digest, at]]),
        images: [{ ...alpine, digest, at }],
      })

    test('moves forward when content was last used', async () => {
      await records.store.recordImage(alpine, newImage(image))
      await touch(image, 2000)
      expect(await records.store.findBlob(image)).toMatchObject({ lastAccessedAt: 2000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({
        lastPulledAt: 2000,
        firstFetchedAt: 1000,
      })
    })

    test('never moves it back', async () => {
      await records.store.recordImage(alpine, newImage(image))
      await touch(image, 2000)
      await touch(image, 1500)
      expect(await records.store.findBlob(image)).toMatchObject({ lastAccessedAt: 2000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({ lastPulledAt: 2000 })
    })

    test('is not taken back when the content is fetched again', async () => {
      await records.store.recordImage(alpine, newImage(image))
      await touch(image, 3000)
      await records.store.recordImage(alpine, newImage(image, { firstFetchedAt: 2000 }))
      await records.store.recordBlob(newBlob(image, { sizeBytes: 500, firstFetchedAt: 2000 }))
      expect(await records.store.findBlob(image)).toMatchObject({ lastAccessedAt: 3000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({ lastPulledAt: 3000 })
    })

    test('concerns the image of one repository', async () => {
      await records.store.recordImage(alpine, newImage(image))
      await records.store.recordImage(other, newImage(image))
      await touch(image, 2000)
      expect(await records.store.findImage(other, image)).toMatchObject({ lastPulledAt: 1000 })
    })

    test('to what is not known is passed over', async () => {
      await records.store.recordBlob(newBlob(layer, { sizeBytes: 7, firstFetchedAt: 1000 }))
      const blobs = new Map([
        [image, 2000],
        [layer, 2000],
      ])
      await records.store.recordAccesses({
        blobs,
        images: [{ ...alpine, digest: image, at: 2000 }],
      })
      expect(await records.store.findBlob(image)).toBeUndefined()
      expect(await records.store.findBlob(layer)).toMatchObject({ lastAccessedAt: 2000 })
    })

    test('may be none', async () => {
      await expect(
        records.store.recordAccesses({ blobs: new Map(), images: [] }),
      ).resolves.not.toThrow()
    })
  })

  describe('a later run', () => {
    test('has everything', async () => {
      const children = [listed(image, 500)]
      await records.store.recordBlob(newBlob(layer, { sizeBytes: 7, firstFetchedAt: 1000 }))
      await records.store.linkBlob(alpine, layer)
      await records.store.recordImage(other, newImage(image))
      await records.store.recordImage(alpine, newImage(index, { mediaType: ociIndex, children }))
      await records.store.recordTag(alpine, latest, { digest: index, checkedAt: 1000 })
      await records.store.recordTagList(alpine, { entries: ['latest'], fetchedAt: 1000 })
      await records.store.recordReferrers(alpine, index, { entries: [{}], fetchedAt: 1000 })
      await records.store.recordAccesses({ blobs: new Map([[layer, 2000]]), images: [] })
      await records.store.recordTag(other, latest, { digest: image, checkedAt: 1000, goneAt: 2000 })
      await records.store.recordSwitch('offline', true)
      await records.reopen()
      expect(await records.store.findTag(other, latest)).toMatchObject({ goneAt: 2000 })
      expect(await records.store.findSwitch('offline')).toBe(true)
      expect(await records.store.findBlob(layer)).toMatchObject({
        sizeBytes: 7,
        lastAccessedAt: 2000,
      })
      expect(await records.store.isBlobLinked(alpine, layer)).toBe(true)
      expect(await records.store.findImage(alpine, index)).toMatchObject({ totalBytes: 1000 })
      expect(await records.store.findImage(alpine, image)).toMatchObject({ sizeBytes: 500 })
      expect(await records.store.findTag(alpine, latest)).toEqual({
        digest: index,
        checkedAt: 1000,
      })
      expect(await records.store.findTagList(alpine)).toEqual({
        entries: ['latest'],
        fetchedAt: 1000,
      })
      expect(await records.store.findReferrers(alpine, index)).toMatchObject({ entries: [{}] })
      expect(await records.store.listRepositories({ limit: 10 })).toHaveLength(2)
    })

    test('adds to what the repository had', async () => {
      await records.store.recordTag(alpine, latest, { digest: image, checkedAt: 1000 })
      await records.reopen()
      await records.store.recordTag(alpine, '3.20' as Tag, { digest: image, checkedAt: 1000 })
      expect([...(await records.store.listTags(alpine))].sort()).toEqual(['3.20', latest])
    })

    test('may come often, and finds nothing to migrate', async () => {
      await records.store.recordTag(alpine, latest, { digest: image, checkedAt: 1000 })
      for (let run = 0; run < 3; run++) await records.reopen()
      expect(await records.store.findTag(alpine, latest)).toEqual({
        digest: image,
        checkedAt: 1000,
      })
    })
  })
}
