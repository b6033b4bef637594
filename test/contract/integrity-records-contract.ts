import { describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { pushedHere, unknownOrigin } from '../../src/oci/source.ts'
import { dockerHub, type UpstreamName } from '../../src/oci/upstream-name.ts'
import type { HostedRecords } from '../../src/store/hosted-records.ts'
import type { IntegrityRecords } from '../../src/store/integrity-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = MetadataStore & HostedRecords & IntegrityRecords

export type IntegrityPlace = RecordsPlace<Store>

const repository = parseRepository('team/app')
const source = { upstream: dockerHub, repository }
const other = { upstream: 'quay.io' as UpstreamName, repository: parseRepository('other/app') }
const named = (name: string) => digestOf(Buffer.from(name))
const [index, image, layer] = [named('index'), named('image'), named('layer')]
const childOf = (digest: Digest, mediaType = 'a/b') => ({ mediaType, digest, sizeBytes: 7 })

/** What every place of IntegrityRecords promises, whatever it keeps them in. */
export function testIntegrityRecords(makePlace: () => Promise<IntegrityPlace>): void {
  const records = openForEach(makePlace)

  const record = (digest: Digest, at = 1000, upstream = dockerHub) =>
    records.store.recordBlob({ digest, sizeBytes: 7, upstream, firstFetchedAt: at })

  const manifestOf = (mediaType: string, children: readonly ReturnType<typeof childOf>[]) => {
    return { mediaType, children, artifactType: undefined, subject: undefined }
  }

  const find = (digest: Digest, manifest?: ReturnType<typeof manifestOf>) =>
    records.store.recordFound([
      {
        digest,
        sizeBytes: 7,
        writtenAt: 500,
        verifiedAt: 2000,
        manifest: manifest && { ...manifest, annotations: undefined },
      },
    ])

  const fetchImage = (digest: Digest, mediaType: string, children: readonly Digest[]) => {
    const type = mediaType === ociIndex ? ociManifest : undefined
    const said = manifestOf(
      mediaType,
      children.map((child) => childOf(child, type)),
    )
    return records.store.recordImage(source, {
      ...said,
      digest,
      sizeBytes: 7,
      firstFetchedAt: 1000,
    })
  }

  const push = (digest: Digest, children: readonly Digest[]) =>
    records.store.recordPushed(repository, {
      image: {
        ...manifestOf(
          ociManifest,
          children.map((child) => childOf(child)),
        ),
        digest,
        sizeBytes: 7,
        annotations: undefined,
        pushedAt: 1000,
      },
      tags: ['1' as Tag],
      needs: [],
      fixedTags: [],
    })

  describe('records', () => {
    test('are found by digest and listed in order, some at a time, and measured', async () => {
      const digests = Array.from({ length: 600 }, (_, at) => named(`${at}`)).sort()
      for (const digest of digests) await record(digest)
      const found = await records.store.findRecorded([...digests, layer])
      expect([found.size, found.get(digests[0]!), found.has(layer)]).toEqual([600, 7, false])
      const first = await records.store.listRecorded({ limit: 400 })
      const rest = await records.store.listRecorded({ limit: 400, after: first.at(-1)?.digest })
      expect([...first, ...rest].map(({ digest }) => digest)).toEqual(digests)
      expect(await records.store.measureRecorded()).toEqual({ blobs: 600, bytes: 4200 })
    })

    test('are due the longest unread first, since they were kept or found right', async () => {
      const [one, two, three] = [named('one'), named('two'), named('three')] as const
      await record(one, 100)
      await record(two, 300)
      await record(three, 200)
      const due = async (before: number, limit = 10) =>
        (await records.store.listDue({ before, now: 5000, limit })).map(({ digest }) => digest)
      expect(await due(1000)).toEqual([one, three, two])
      expect(await due(1000, 1)).toEqual([one])
      await records.store.noteVerified([one, layer], 400)
      expect(await due(1000)).toEqual([three, two, one])
      expect(await due(400)).toEqual([three, two])
      // By a clock that was wrong.
      await records.store.noteVerified([three], 9000)
      expect(await due(400)).toEqual([two, three])
      expect(await due(400, 1)).toEqual([two])
      expect(await records.store.findBlob(layer)).toBeUndefined()
    })
  })

  describe('what is found without a record', () => {
    test('is of unknown origin, and belongs to no repository', async () => {
      expect(await records.store.hasUnknown()).toBe(false)
      await find(image, manifestOf(ociManifest, [childOf(layer)]))
      await find(layer)
      expect(await records.store.findBlob(layer)).toEqual({
        sizeBytes: 7,
        origin: unknownOrigin,
        firstFetchedAt: 500,
        lastAccessedAt: 2000,
      })
      expect(await records.store.hasUnknown()).toBe(true)
      expect(await records.store.isManifestKept(image)).toBe(true)
      expect(await records.store.findImage(source, image)).toBeUndefined()
      expect(await records.store.isBlobLinked(source, layer)).toBe(false)
      expect(await records.store.isManifest(source, image)).toBe(false)
      expect(await records.store.listDue({ before: 2000, now: 5000, limit: 10 })).toEqual([])
    })

    test('may be much', async () => {
      const times = { sizeBytes: 7, writtenAt: 500, verifiedAt: 400, manifest: undefined }
      const digests = Array.from({ length: 400 }, (_, at) => named(`${at}`))
      await records.store.recordFound(digests.map((digest) => ({ digest, ...times })))
      expect(await records.store.measureRecorded()).toEqual({ blobs: 400, bytes: 2800 })
      // Never in the future.
      expect(await records.store.findBlob(digests[0]!)).toMatchObject({ firstFetchedAt: 400 })
    })

    test('is the upstream’s that proves to have it, from then on', async () => {
      await find(layer)
      await find(image)
      await records.store.linkBlob(source, layer)
      await records.store.linkBlob(other, layer)
      expect((await records.store.findBlob(layer))?.origin).toBe(dockerHub)
      await fetchImage(image, ociManifest, [layer])
      expect((await records.store.findBlob(image))?.origin).toBe(dockerHub)
      expect(await records.store.hasUnknown()).toBe(false)
    })

    test('is ours once it is pushed', async () => {
      await find(layer)
      await records.store.linkPushed(repository, [{ digest: layer, sizeBytes: 7 }], 1000)
      expect((await records.store.findBlob(layer))?.origin).toBe(pushedHere)
    })

    test('lets others write between large manifests', async () => {
      const children = Array.from({ length: 600 }, (_, at) => childOf(named(`child ${at}`)))
      const manifest = { ...manifestOf(ociManifest, children), annotations: undefined }
      const times = { sizeBytes: 7, writtenAt: 500, verifiedAt: 400, manifest }
      const digests = Array.from({ length: 20 }, (_, at) => named(`manifest ${at}`))
      const recording = records.store.recordFound(digests.map((digest) => ({ digest, ...times })))
      await record(layer)
      expect(await records.store.isManifestKept(digests.at(-1)!)).toBe(false)
      await recording
      expect(await records.store.isManifestKept(digests.at(-1)!)).toBe(true)
    })

    test('puts a wrong size right', async () => {
      await records.store.recordBlob({
        digest: layer,
        sizeBytes: 9,
        upstream: dockerHub,
        firstFetchedAt: 1,
      })
      await find(layer)
      expect(await records.store.findBlob(layer)).toMatchObject({ sizeBytes: 7, origin: dockerHub })
      expect(await records.store.measureRecorded()).toEqual({ blobs: 1, bytes: 7 })
    })

    test('changes nothing else that is recorded by now', async () => {
      await record(layer)
      await find(layer)
      expect(await records.store.findBlob(layer)).toMatchObject({
        origin: dockerHub,
        firstFetchedAt: 1000,
      })
    })
  })

  describe('the owners of a blob', () => {
    test('are the images that it is a part of, by their tags, and where it can be had', async () => {
      await fetchImage(image, ociManifest, [layer])
      await fetchImage(index, ociIndex, [image])
      await records.store.recordTag(source, 'latest' as Tag, { digest: index, checkedAt: 1000 })
      await record(layer)
      await records.store.linkBlob(other, layer)
      const owners = await records.store.findOwners(layer)
      expect(owners.images).toEqual([
        { source, digest: index, tag: 'latest' },
        { source, digest: image, tag: undefined },
      ])
      expect(owners.sources).toEqual([other, source])
      expect([owners.hosted, owners.isManifest]).toEqual([[], false])
      expect((await records.store.findOwners(image)).isManifest).toBe(true)
    })

    test('are the repositories that it was pushed to', async () => {
      await records.store.linkPushed(repository, [{ digest: layer, sizeBytes: 7 }], 1000)
      await push(image, [layer])
      expect(await records.store.findOwners(layer)).toMatchObject({
        sources: [],
        hosted: [repository],
      })
      expect(await records.store.findOwners(image)).toMatchObject({
        sources: [],
        hosted: [repository],
      })
    })

    test('are nobody where nothing is known', async () => {
      const nobody = { images: [], sources: [], hosted: [], isManifest: false }
      expect(await records.store.findOwners(layer)).toEqual(nobody)
    })
  })

  describe('a lost blob', () => {
    test('that was mirrored is forgotten, with what it said', async () => {
      await fetchImage(image, ociManifest, [layer])
      expect(await records.store.forgetMirrored(image)).toBe(true)
      expect(await records.store.findBlob(image)).toBeUndefined()
      expect(await records.store.findImage(source, image)).toBeUndefined()
    })

    test('that was pushed stays', async () => {
      await records.store.linkPushed(repository, [{ digest: layer, sizeBytes: 7 }], 1000)
      await push(image, [layer])
      expect(await records.store.forgetMirrored(layer)).toBe(false)
      expect(await records.store.forgetMirrored(image)).toBe(false)
      expect(await records.store.findPushed(repository, image)).toBeDefined()
    })
  })
}
