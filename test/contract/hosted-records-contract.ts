import { beforeEach, describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { Page } from '../../src/oci/page.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository, type Repository } from '../../src/oci/repository.ts'
import { pushedHere } from '../../src/oci/source.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import type { HostedRecords, Push, PushedImage } from '../../src/store/hosted-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = MetadataStore & HostedRecords

export type HostedPlace = RecordsPlace<Store>

const app = parseRepository('team/app')
const other = parseRepository('team/other')
const image = named('image')
const layer = named('layer')
const subject = named('subject')
const [latest, first, second] = ['latest', 'v1', 'v2'] as [Tag, Tag, Tag]

function named(name: string) {
  return digestOf(Buffer.from(name))
}

function pushed(digest = image, details: Partial<PushedImage> = {}): PushedImage {
  return {
    digest,
    mediaType: ociManifest,
    sizeBytes: 500,
    artifactType: undefined,
    subject: undefined,
    annotations: undefined,
    children: [],
    pushedAt: 1000,
    ...details,
  }
}

/** What every place of HostedRecords promises, whatever it keeps them in. */
export function testHostedRecords(makePlace: () => Promise<HostedPlace>): void {
  const records = openForEach(makePlace)

  const push = (
    repository: Repository,
    pushedImage: PushedImage,
    tags: readonly Tag[],
    rules: Partial<Push> = {},
  ) =>
    records.store.recordPushed(repository, {
      image: pushedImage,
      tags,
      needs: [],
      fixedTags: [],
      ...rules,
    })

  /** The version that is listed first, as a rule of retention that looked then has it. */
  const listFirst = async (listedAt: number) => {
    const [version] = await records.store.listVersions(app)
    return version && { ...version, listedAt }
  }

  describe('a blob', () => {
    test('is had by the repository that it was linked to, and no other', async () => {
      await records.store.linkPushed(app, [{ digest: layer, sizeBytes: 7 }], 1000)
      expect(await records.store.findPushedBlob(app, layer)).toMatchObject({ sizeBytes: 7 })
      expect(await records.store.findPushedBlob(other, layer)).toBeUndefined()
      expect(await records.store.findPushedBlob(app, image)).toBeUndefined()
    })

    test('is not had because a manifest names it', async () => {
      const children = [{ mediaType: 'application/x', digest: layer, sizeBytes: 7 }]
      await records.store.linkPushed(other, [{ digest: layer, sizeBytes: 7 }], 1000)
      await push(app, pushed(image, { children }), [])
      expect(await records.store.findPushedBlob(app, layer)).toBeUndefined()
    })

    test('that is unlinked is gone from the one repository', async () => {
      for (const repository of [app, other]) {
        await records.store.linkPushed(repository, [{ digest: layer, sizeBytes: 7 }], 1000)
      }
      expect(await records.store.unlinkPushed(app, layer)).toBe(true)
      expect(await records.store.unlinkPushed(app, layer)).toBe(false)
      expect(await records.store.findPushedBlob(app, layer)).toBeUndefined()
      expect(await records.store.findPushedBlob(other, layer)).toMatchObject({ sizeBytes: 7 })
    })

    test('may be linked again, and beside what was mirrored', async () => {
      await records.store.recordBlob({
        digest: layer,
        sizeBytes: 7,
        upstream: dockerHub,
        firstFetchedAt: 500,
      })
      await records.store.linkPushed(app, [{ digest: layer, sizeBytes: 7 }], 1000)
      await records.store.linkPushed(app, [{ digest: layer, sizeBytes: 7 }], 2000)
      expect(await records.store.findPushedBlob(app, layer)).toMatchObject({ sizeBytes: 7 })
      expect(await records.store.findPushedBlob(app, layer)).toEqual({
        sizeBytes: 7,
        linkedAt: 2000,
      })
      expect(await records.store.findBlob(layer)).toMatchObject({
        firstFetchedAt: 500,
        origin: dockerHub,
      })
    })

    test('that is only announced is nobody’s', async () => {
      await records.store.announceBlob({ digest: layer, sizeBytes: 7 }, 1000)
      expect(await records.store.findPushedBlob(app, layer)).toBeUndefined()
      expect(await records.store.findBlob(layer)).toMatchObject({
        sizeBytes: 7,
        origin: pushedHere,
      })
    })
  })

  describe('an image', () => {
    test('is had by its repository, as its media type says', async () => {
      expect(await records.store.isHosted(app)).toBe(false)
      await push(app, pushed(), [])
      expect(await records.store.isHosted(app)).toBe(true)
      expect(await records.store.findPushed(app, image)).toEqual({
        mediaType: ociManifest,
        sizeBytes: 500,
      })
      expect(await records.store.findPushed(other, image)).toBeUndefined()
      expect(await records.store.isHosted(other)).toBe(false)
    })

    test('is there in a later run', async () => {
      await push(app, pushed(), [latest])
      await records.reopen()
      expect(await records.store.findPushedTag(app, latest)).toBe(image)
    })

    test('that is removed takes its tags along, and leaves the others', async () => {
      await push(app, pushed(image), [latest, first])
      await push(app, pushed(subject), [second])
      expect(new Set(await records.store.removePushed(app, image))).toEqual(
        new Set([latest, first]),
      )
      expect(await records.store.removePushed(app, image)).toBeUndefined()
      expect(await records.store.findPushed(app, image)).toBeUndefined()
      expect(await records.store.listPushedTags(app, { limit: 10 })).toEqual([second])
      expect(await records.store.isHosted(app)).toBe(true)
    })

    test('is not recorded while something that it needs is missing', async () => {
      const needs: Push['needs'] = [
        { digest: layer, sizeBytes: 7, as: 'blob' },
        { digest: subject, sizeBytes: 500, as: 'manifest' },
        { digest: named('either'), sizeBytes: 7, as: 'either' },
      ]
      const lacking = needs.map(({ digest }) => ({ digest, foundBytes: undefined }))
      expect(await records.store.findLacking(app, needs)).toEqual(lacking)
      expect(await push(app, pushed(), [latest], { needs })).toEqual({ lacking })
      expect(await records.store.isHosted(app)).toBe(false)
      expect(await records.store.findPushedTag(app, latest)).toBeUndefined()

      for (const digest of [layer, subject, named('either')]) {
        await records.store.linkPushed(app, [{ digest, sizeBytes: 7 }], 1000)
        await records.store.linkPushed(other, [{ digest, sizeBytes: 7 }], 1000)
      }
      await push(other, pushed(subject), [])
      // A blob is no manifest, nor is another repository's.
      expect(await push(app, pushed(), [latest], { needs })).toEqual({
        lacking: [{ digest: subject, foundBytes: undefined }],
      })
      await push(app, pushed(subject), [])
      expect(await push(app, pushed(), [latest], { needs })).toBeUndefined()
      const larger = needs.map((need) => ({ ...need, sizeBytes: 1000 }))
      expect(await records.store.findLacking(app, larger)).toEqual([
        { digest: layer, foundBytes: 7 },
        { digest: subject, foundBytes: 500 },
        { digest: named('either'), foundBytes: 7 },
      ])
    })

    test('is of no upstream', async () => {
      await push(app, pushed(), [latest])
      expect(
        await records.store.findImage({ upstream: dockerHub, repository: app }, image),
      ).toBeUndefined()
      expect(
        await records.store.findTag({ upstream: dockerHub, repository: app }, latest),
      ).toBeUndefined()
      expect(await records.store.listRepositories({ limit: 10 })).toEqual([
        { upstream: pushedHere, repository: app },
      ])
    })
  })

  describe('a tag', () => {
    test('that must not move is refused, and nothing of that push is recorded', async () => {
      await push(app, pushed(image), [latest])
      const rules = { fixedTags: [latest] }
      expect(await push(app, pushed(subject), [first, latest], rules)).toEqual({
        fixedTag: latest,
        digest: image,
      })
      expect(await records.store.findPushedTag(app, first)).toBeUndefined()
      expect(await records.store.findPushed(app, subject)).toBeUndefined()
      expect(await push(app, pushed(image), [latest, first], rules)).toBeUndefined()
      expect(await push(app, pushed(subject), [second], { fixedTags: [second] })).toBeUndefined()
    })

    test('points to what was pushed last', async () => {
      await push(app, pushed(image), [latest])
      await push(app, pushed(subject), [latest])
      expect(await records.store.findPushedTag(app, latest)).toBe(subject)
      expect(await records.store.findPushedTag(other, latest)).toBeUndefined()
    })

    test('that is removed leaves the image', async () => {
      await push(app, pushed(), [latest])
      expect(await records.store.removePushedTag(app, latest)).toBe(true)
      expect(await records.store.removePushedTag(app, latest)).toBe(false)
      expect(await records.store.findPushedTag(app, latest)).toBeUndefined()
      expect(await records.store.findPushed(app, image)).toBeDefined()
    })

    test('is listed in byte order, a page at a time', async () => {
      const tags = ['b', 'B', 'a', '_x', '10', '9'] as Tag[]
      await push(app, pushed(), tags)
      const sorted = [...tags].sort()
      expect(await records.store.listPushedTags(app, { limit: 100 })).toEqual(sorted)
      expect(await records.store.listPushedTags(app, { limit: 2 })).toEqual(sorted.slice(0, 2))
      expect(await records.store.listPushedTags(app, { after: 'A', limit: 2 })).toEqual(['B', '_x'])
      expect(await records.store.listPushedTags(app, { limit: 0 })).toEqual([])
      expect(await records.store.listPushedTags(other, { limit: 100 })).toEqual([])
    })
  })

  describe('referrers', () => {
    const referrers = ['one', 'two', 'three'].map(named).sort()
    const signature = 'application/vnd.example.signature'

    beforeEach(async () => {
      for (const [place, digest] of referrers.entries()) {
        const artifactType = place === 1 ? 'application/vnd.example.sbom' : signature
        const annotations = { place: `${place}` }
        await push(app, pushed(digest, { subject, artifactType, annotations }), [])
      }
    })

    test('of a subject are listed with what they say of themselves, though it isn’t there', async () => {
      const { entries: all } = await records.store.listPushedReferrers(app, subject, { limit: 10 })
      expect(all.map(({ digest }) => digest)).toEqual(referrers)
      expect(all[0]).toEqual({
        digest: referrers[0],
        mediaType: ociManifest,
        sizeBytes: 500,
        artifactType: signature,
        annotations: { place: '0' },
      })
    })

    test('are listed by their type, and a page at a time', async () => {
      const listed = async (page: object) => {
        const found = await records.store.listPushedReferrers(app, subject, { limit: 10, ...page })
        return found.entries.map(({ digest }) => digest)
      }
      expect(await listed({ artifactType: signature })).toEqual([referrers[0], referrers[2]])
      expect(await listed({ after: referrers[0], limit: 1 })).toEqual([referrers[1]])
      expect(await listed({ after: referrers[0], artifactType: signature })).toEqual([referrers[2]])
    })

    test('are told to go on until the last one', async () => {
      const hasMore = async (page: Page) =>
        (await records.store.listPushedReferrers(app, subject, page)).hasMore
      expect(await hasMore({ limit: 2 })).toBe(true)
      expect(await hasMore({ limit: 3 })).toBe(false)
      expect(await hasMore({ limit: 2, after: referrers[0] })).toBe(false)
      expect(await hasMore({ limit: 0 })).toBe(false)
    })

    test('that say much of themselves come as many at a time as fit, and all in the end', async () => {
      const note = 'ü'.repeat(300_000)
      const digests = Array.from({ length: 20 }, (_, place) => named(`long ${place}`))
      for (const digest of digests) {
        await push(app, pushed(digest, { subject: layer, annotations: { note } }), [])
      }
      const seen: string[] = []
      for (let hasMore = true; hasMore; ) {
        const page = { after: seen.at(-1), limit: 100 }
        const part = await records.store.listPushedReferrers(app, layer, page)
        expect(Buffer.byteLength(JSON.stringify(part.entries))).toBeLessThan(4 * 1024 * 1024)
        expect(part.entries.length).toBeGreaterThan(0)
        seen.push(...part.entries.map(({ digest }) => digest))
        ;({ hasMore } = part)
      }
      expect(seen).toEqual([...digests].sort())
    })

    test('one of which is longer than all may be comes alone', async () => {
      const note = 'x'.repeat(5_000_000)
      for (const digest of [named('a'), named('b')]) {
        await push(app, pushed(digest, { subject: layer, annotations: { note } }), [])
      }
      const part = await records.store.listPushedReferrers(app, layer, { limit: 100 })
      expect([part.entries.length, part.hasMore]).toEqual([1, true])
    })

    test('of another repository or subject are not', async () => {
      const listed = async (...asked: [Repository, Digest]) =>
        (await records.store.listPushedReferrers(...asked, { limit: 10 })).entries
      expect(await listed(other, subject)).toEqual([])
      expect(await listed(app, image)).toEqual([])
      await records.store.removePushed(app, referrers[1]!)
      expect(await listed(app, subject)).toHaveLength(2)
    })

    test('that were mirrored before have their type and annotations once they are pushed', async () => {
      const digest = named('mirrored')
      const { pushedAt, annotations: _, ...mirrored } = pushed(digest, { subject })
      const source = { upstream: dockerHub, repository: app }
      await records.store.recordImage(source, { ...mirrored, firstFetchedAt: pushedAt })
      const details = { subject, artifactType: 'a/config', annotations: { a: 'b' } }
      await push(app, pushed(digest, details), [])
      const { entries: all } = await records.store.listPushedReferrers(app, subject, { limit: 10 })
      const found = all.find((each) => each.digest === digest)
      expect(found).toMatchObject({ annotations: { a: 'b' }, artifactType: 'a/config' })
    })
  })

  describe('a version', () => {
    const [platform, signature, note] = [named('platform'), named('signature'), named('note')]
    const asChild = (digest: Digest) => ({ mediaType: ociManifest, digest, sizeBytes: 500 })

    test('goes with what it lists and what refers to it, at whatever depth', async () => {
      await push(app, pushed(platform), [])
      await push(app, pushed(image, { children: [asChild(platform)] }), [latest, first])
      await push(app, pushed(signature, { subject: image }), [])
      await push(app, pushed(note, { subject: signature }), [])
      expect(await records.store.removeVersion(app, { digest: image, tags: [latest] })).toEqual({
        tags: [latest],
        images: [],
      })
      const { tags, images } = await records.store.removeVersion(app, {
        digest: image,
        tags: [first],
      })
      expect(tags).toEqual([first])
      expect(new Set(images)).toEqual(new Set([image, platform, signature, note]))
      expect(await records.store.listVersions(app)).toEqual([])
    })

    test('leaves what another index lists and what has a tag', async () => {
      await push(app, pushed(platform), [])
      await push(app, pushed(image, { children: [asChild(platform)] }), [latest])
      await push(app, pushed(subject, { children: [asChild(platform)] }), [first])
      await push(app, pushed(signature, { subject: image }), [second])
      const { images } = await records.store.removeVersion(app, { digest: image, tags: [latest] })
      expect(images).toEqual([image])
      expect(await records.store.findPushed(app, platform)).toBeDefined()
      expect(await records.store.findPushedTag(app, second)).toBe(signature)
      // What an index lists doesn't go by itself.
      expect(
        (await records.store.removeVersion(app, { digest: platform, tags: [] })).images,
      ).toEqual([])
    })

    test('does not take a tag that has moved on', async () => {
      await push(app, pushed(image), [latest])
      await push(app, pushed(subject), [latest])
      expect(await records.store.removeVersion(app, { digest: image, tags: [latest] })).toEqual({
        tags: [],
        images: [image],
      })
      expect(await records.store.findPushedTag(app, latest)).toBe(subject)
    })

    test('is listed with its tags, unless it is part of another or about one', async () => {
      await push(app, pushed(platform, { pushedAt: 1 }), [])
      await push(app, pushed(image, { children: [asChild(platform)], pushedAt: 2 }), [latest])
      await push(app, pushed(image, { children: [asChild(platform)], pushedAt: 5 }), [first])
      await push(app, pushed(signature, { subject: image, pushedAt: 3 }), [])
      await push(app, pushed(note, { subject: named('gone'), pushedAt: 4 }), [])
      const versions = await records.store.listVersions(app)
      expect(versions).toHaveLength(2)
      expect(versions).toContainEqual({
        digest: image,
        pushedAt: 5,
        tags: [
          { tag: latest, pushedAt: 2 },
          { tag: first, pushedAt: 5 },
        ],
      })
      expect(versions).toContainEqual({ digest: note, pushedAt: 4, tags: [] })
      expect(await records.store.listPushedTagsOf(app, image)).toEqual([latest, first])
      expect(await records.store.listVersions(other)).toEqual([])
    })

    test('is listed whole, however many there are', async () => {
      const digests = Array.from({ length: 12 }, (_, place) => named(`image ${place}`)).sort()
      for (const digest of digests) {
        const tags = Array.from({ length: 90 }, (_, place) => `${digest.slice(-8)}-${place}` as Tag)
        await push(app, pushed(digest), tags)
      }
      const many = Array.from({ length: 2500 }, (_, place) => `many-${place}` as Tag)
      await push(app, pushed(image), many)
      const versions = await records.store.listVersions(app)
      expect(versions.map(({ digest }) => digest)).toEqual([...digests, image].sort())
      for (const { digest, tags } of versions) {
        expect(new Set(tags.map(({ tag }) => tag)).size).toBe(digest === image ? 2500 : 90)
      }
      expect(
        (await records.store.removeVersion(app, { digest: image, tags: many })).tags,
      ).toHaveLength(2500)
    })

    test('has a tag alone that moves while it is listed', async () => {
      const [from, middle, to] = ['a', 'b', 'c'].map(named).sort() as [Digest, Digest, Digest]
      const many = Array.from({ length: 1100 }, (_, place) => `many-${place}` as Tag)
      await push(app, pushed(middle), many)
      // Begun in one of its pages, it is done before the next.
      for (let turns = 0; turns < 8; turns++) {
        await push(app, pushed(from), [latest])
        const listing = records.store.listVersions(app)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        await push(app, pushed(to), [latest])
        const versions = await listing
        const holders = versions.filter(({ tags }) => tags.some(({ tag }) => tag === latest))
        expect(holders).toHaveLength(1)
      }
    })

    test('that was listed stays where it was pushed again since, tag by tag', async () => {
      await push(app, pushed(image, { pushedAt: 1 }), [latest, first])
      const listed = await listFirst(2)
      await push(app, pushed(image, { pushedAt: 2 }), [latest])
      const version = { digest: image, tags: [latest, first] }
      expect(await records.store.removeVersion(app, { ...version, listed })).toEqual({
        tags: [first],
        images: [],
      })
      expect(await records.store.findPushedTag(app, latest)).toBe(image)
      expect(await records.store.removeVersion(app, version)).toEqual({
        tags: [latest],
        images: [image],
      })
    })

    test('without a tag stays too where it was pushed again since it was listed', async () => {
      await push(app, pushed(image, { pushedAt: 1 }), [])
      const listed = await listFirst(2)
      await push(app, pushed(image, { pushedAt: 2 }), [])
      const version = { digest: image, tags: [], listed }
      expect((await records.store.removeVersion(app, version)).images).toEqual([])
      const again = await listFirst(3)
      expect(again?.pushedAt).toBe(2)
      expect(
        (await records.store.removeVersion(app, { ...version, listed: again })).images,
      ).toEqual([image])
    })

    test('that was listed leaves those of its parts that were pushed after it', async () => {
      const [index, part] = [named('index'), named('part')]
      for (const digest of [image, part]) await push(app, pushed(digest, { pushedAt: 1 }), [])
      const children = [image, part].map((digest) => ({
        digest,
        sizeBytes: 5,
        mediaType: ociManifest,
      }))
      await push(app, pushed(index, { pushedAt: 1, mediaType: ociIndex, children }), [latest])
      // For an index that is still to come, whose other parts are.
      await push(app, pushed(part, { pushedAt: 2 }), [])
      const version = { digest: index, tags: [latest], listed: await listFirst(500) }
      const { images } = await records.store.removeVersion(app, version)
      expect([...images].sort()).toEqual([index, image].sort())
      expect(await records.store.findPushed(app, part)).toBeDefined()
    })

    test('that was listed leaves what refers to it only if that was pushed since', async () => {
      const [before, since] = [named('before'), named('since')]
      await push(app, pushed(image, { pushedAt: 1 }), [latest])
      await push(app, pushed(before, { pushedAt: 2, subject: image }), [])
      const version = { digest: image, tags: [latest], listed: await listFirst(3) }
      await push(app, pushed(since, { pushedAt: 3, subject: image }), [])
      const { images } = await records.store.removeVersion(app, version)
      expect([...images].sort()).toEqual([image, before].sort())
      expect(await records.store.findPushed(app, since)).toBeDefined()
    })

    test('makes its repository a hosted one, which it stays until all of it is removed', async () => {
      await records.store.linkPushed(app, [{ digest: layer, sizeBytes: 7 }], 1000)
      expect(await records.store.isHosted(app)).toBe(false)
      expect(await records.store.removeRepository(app)).toBeUndefined()
      await push(app, pushed(), [latest])
      await records.store.removePushed(app, image)
      expect(await records.store.isHosted(app)).toBe(true)
      const listed = [{ upstream: pushedHere, repository: app }]
      expect(await records.store.listRepositories({ limit: 10 })).toEqual(listed)
      await push(app, pushed(), [latest])
      expect(await records.store.removeRepository(app)).toEqual({ tags: [latest], images: [image] })
      expect(await records.store.isHosted(app)).toBe(false)
      expect(await records.store.listRepositories({ limit: 10 })).toEqual([])
      expect(await records.store.findPushed(app, image)).toBeUndefined()
      expect(await records.store.findPushedBlob(app, layer)).toBeUndefined()
      expect(await records.store.removeRepository(app)).toBeUndefined()
    })

    test('goes with its repository, however much that has', async () => {
      const many = Array.from({ length: 1200 }, (_, place) => `many-${place}` as Tag)
      await push(app, pushed(), many)
      await push(other, pushed(), [latest])
      const removed = await records.store.removeRepository(app)
      expect(new Set(removed?.tags)).toEqual(new Set(many))
      expect(removed?.images).toEqual([image])
      expect(await records.store.listPushedTags(app, { limit: 10 })).toEqual([])
      expect(await records.store.listPushedTags(other, { limit: 10 })).toEqual([latest])
    })

    test('makes its repository one that is listed', async () => {
      await push(other, pushed(), [])
      await push(app, pushed(), [])
      await records.store.linkPushed(
        parseRepository('team/empty'),
        [{ digest: layer, sizeBytes: 7 }],
        1000,
      )
      expect(await records.store.listHosted({ limit: 10 })).toEqual([app, other])
      expect(await records.store.listHosted({ after: app, limit: 10 })).toEqual([other])
      expect(await records.store.listHosted({ limit: 1 })).toEqual([app])
    })
  })

  describe('a tag', () => {
    test('is given to an image of the repository, and moves', async () => {
      await push(app, pushed(), [first])
      await push(app, pushed(subject), [])
      const tagging = { digest: image, tag: latest, isFixed: false, at: 2000 }
      expect(await records.store.tagPushed(app, tagging)).toEqual({ before: undefined })
      const moved = await records.store.tagPushed(app, { ...tagging, digest: subject })
      expect(moved).toEqual({ before: image })
      expect(await records.store.findPushedTag(app, latest)).toBe(subject)
      expect(await records.store.findPushedTag(app, first)).toBe(image)
    })

    test('that is fixed is given once, and to nothing that is not there', async () => {
      await push(app, pushed(), [])
      await push(app, pushed(subject), [])
      const tagging = { digest: image, tag: first, isFixed: true, at: 2000 }
      expect(await records.store.tagPushed(app, tagging)).toEqual({ before: undefined })
      const moved = await records.store.tagPushed(app, { ...tagging, digest: subject })
      expect(moved).toEqual({ before: image })
      expect(await records.store.findPushedTag(app, first)).toBe(image)
      expect(await records.store.tagPushed(app, { ...tagging, digest: layer })).toBeUndefined()
      expect(await records.store.tagPushed(other, tagging)).toBeUndefined()
    })
  })

  test('a removal that is only planned says what it takes, and takes nothing', async () => {
    const child = (digest: Digest, sizeBytes: number) => ({
      mediaType: 'application/x',
      digest,
      sizeBytes,
    })
    const shared = named('shared')
    const blobs = [
      { digest: layer, sizeBytes: 7 },
      { digest: shared, sizeBytes: 9 },
    ]
    await records.store.linkPushed(app, blobs, 1000)
    await push(app, pushed(image, { children: [child(layer, 7), child(shared, 9)] }), [first])
    await push(app, pushed(subject, { children: [child(shared, 9)] }), [second])
    const version = { digest: image, tags: [first] }
    const plan = await records.store.planRemoval(app, version)
    expect(plan).toEqual({ tags: [first], images: [image], freedBytes: 507, sharedBytes: 9 })
    expect(await records.store.findPushedTag(app, first)).toBe(image)
    const all = await records.store.planRemoval(app, 'everything')
    expect(all).toMatchObject({ freedBytes: 1016, sharedBytes: 0 })
    expect(all?.images.toSorted()).toEqual([image, subject].sort())

    await records.store.linkPushed(other, [{ digest: layer, sizeBytes: 7 }], 1000)
    const linked = await records.store.planRemoval(app, version)
    expect(linked).toMatchObject({ freedBytes: 500, sharedBytes: 16 })
    const rest = await records.store.planRemoval(app, 'everything')
    expect(rest).toMatchObject({ freedBytes: 1009, sharedBytes: 7 })
    const { tags, images } = await records.store.removeVersion(app, version)
    expect({ tags, images }).toEqual({ tags: plan?.tags, images: plan?.images })
    expect(await records.store.planRemoval(parseRepository('none'), 'everything')).toBeUndefined()
  })
}
