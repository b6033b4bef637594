import { describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { pushedHere, type Source } from '../../src/oci/source.ts'
import { dockerHub, type UpstreamName } from '../../src/oci/upstream-name.ts'
import type { HostedRecords } from '../../src/store/hosted-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'
import type { ColdImage, SpaceRecords } from '../../src/store/space-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = MetadataStore & HostedRecords & SpaceRecords

export type SpacePlace = RecordsPlace<Store>

const app: Source = { upstream: dockerHub, repository: parseRepository('team/app') }
const other: Source = { upstream: dockerHub, repository: parseRepository('team/other') }
const ghcr = 'ghcr.io' as UpstreamName
const elsewhere: Source = { upstream: ghcr, repository: parseRepository('team/app') }
const own = parseRepository('team/own')
const named = (name: string) => digestOf(Buffer.from(name))
const [one, two, three] = [named('one'), named('two'), named('three')]
const [base, top, rest] = [named('base'), named('top'), named('rest')]
const tag = 'v1' as Tag
const why = { at: 9000, reason: 'the disk is full' }

/** What every place of SpaceRecords promises, whatever it keeps them in. */
export function testSpaceRecords(makePlace: () => Promise<SpacePlace>): void {
  const records = openForEach(makePlace)

  /** An image of these layers of 100 bytes each, all of them kept. */
  const keep = async (
    digest: Digest,
    layers: readonly Digest[],
    { at = 1000, from = app, mediaType = ociManifest } = {},
  ) => {
    const children = layers.map((layer) => ({ mediaType: 'a/b', digest: layer, sizeBytes: 100 }))
    const facts = { mediaType, sizeBytes: 10, artifactType: undefined, subject: undefined }
    await records.store.recordImage(from, { digest, ...facts, children, firstFetchedAt: at })
    for (const layer of layers) {
      if (await records.store.findBlob(layer)) continue
      const blob = { digest: layer, sizeBytes: 100, upstream: from.upstream, firstFetchedAt: at }
      await records.store.recordBlob(blob)
    }
  }

  const listAll = async (before = 1e6): Promise<readonly ColdImage[]> => {
    const listed: ColdImage[] = []
    for (let after: ColdImage | undefined; ; ) {
      const page = await records.store.listColdest({ after, before, limit: 2 })
      listed.push(...page)
      after = page.at(-1)
      if (page.length < 2) return listed
    }
  }

  const find = async (digest: Digest, source = app): Promise<ColdImage> => {
    const found = await records.store.findColdImage(source, digest)
    if (!found) throw new Error(`${digest} isn't kept`)
    return found
  }

  const digestsOf = (blobs: readonly { readonly digest: Digest }[] | undefined) =>
    blobs?.map(({ digest }) => digest).sort()

  describe('what is kept', () => {
    test('is counted by upstream as it comes and goes', async () => {
      expect(await records.store.measureUsage()).toEqual([])
      await keep(one, [base])
      await records.store.recordBlob({
        digest: base,
        sizeBytes: 120,
        upstream: dockerHub,
        firstFetchedAt: 2,
      })
      await records.store.linkPushed(own, [{ digest: top, sizeBytes: 7 }], 1000)
      expect(await records.store.measureUsage()).toEqual([
        { upstream: pushedHere, blobs: 1, bytes: 7 },
        { upstream: dockerHub, blobs: 2, bytes: 130 },
      ])
      await records.store.evict(await find(one), why)
      await records.store.forgetUnneeded([one, base], one)
      expect(await records.store.measureUsage()).toContainEqual({
        upstream: dockerHub,
        blobs: 0,
        bytes: 0,
      })
    })

    test('counts as pushed while a hosted repository has it', async () => {
      await keep(one, [base, top])
      const blobs = [{ digest: base, sizeBytes: 100 }]
      await records.store.linkPushed(own, blobs, 1000)
      await records.store.linkPushed(parseRepository('team/second'), blobs, 1000)
      const counted = [
        { upstream: pushedHere, blobs: 1, bytes: 100 },
        { upstream: dockerHub, blobs: 2, bytes: 110 },
      ]
      expect(await records.store.measureUsage()).toEqual(counted)
      expect(await records.store.findBlob(base)).toMatchObject({ origin: dockerHub })

      await records.store.unlinkPushed(own, base)
      expect(await records.store.measureUsage()).toEqual(counted)

      await records.store.unlinkPushed(parseRepository('team/second'), base)
      expect(await records.store.measureUsage()).toEqual([
        { upstream: pushedHere, blobs: 0, bytes: 0 },
        { upstream: dockerHub, blobs: 3, bytes: 210 },
      ])
    })

    test('counts for the upstream that needs it, once no image of where it came from does', async () => {
      await keep(one, [base, top])
      await keep(two, [base, rest], { from: elsewhere })
      expect(await records.store.measureUsage()).toEqual([
        { upstream: dockerHub, blobs: 3, bytes: 210 },
        { upstream: ghcr, blobs: 2, bytes: 110 },
      ])
      await records.store.evict(await find(one), why)
      await records.store.forgetUnneeded([one, top], one)
      expect(await records.store.measureUsage()).toEqual([
        { upstream: dockerHub, blobs: 0, bytes: 0 },
        { upstream: ghcr, blobs: 3, bytes: 210 },
      ])
      expect(await records.store.findBlob(base)).toMatchObject({ origin: dockerHub })
    })

    test('counts for the upstream that needs it, once it is pushed no more', async () => {
      await records.store.linkPushed(own, [{ digest: base, sizeBytes: 100 }], 1000)
      await keep(two, [base], { from: elsewhere })
      await records.store.unlinkPushed(own, base)
      expect(await records.store.measureUsage()).toContainEqual({
        upstream: ghcr,
        blobs: 2,
        bytes: 110,
      })
    })

    test('is listed from the coldest, without what was pushed', async () => {
      await keep(one, [], { at: 3000 })
      await keep(two, [], { at: 1000 })
      await keep(three, [], { at: 2000, from: other })
      await records.store.recordPushed(own, {
        image: {
          digest: rest,
          mediaType: ociManifest,
          sizeBytes: 10,
          artifactType: undefined,
          subject: undefined,
          annotations: undefined,
          children: [],
          pushedAt: 1,
        },
        tags: [],
        needs: [],
        fixedTags: [],
      })
      await records.store.recordAccesses({
        blobs: new Map(),
        images: [{ ...app, digest: two, at: 4000 }],
      })
      expect(digestsOf(await listAll())).toEqual([one, two, three].sort())
      expect((await listAll()).map(({ digest }) => digest)).toEqual([three, one, two])
      expect((await listAll(4000)).map(({ digest }) => digest)).toEqual([three, one])
      expect(await records.store.countColder(await find(two))).toBe(2)
      expect(await find(three, other)).toMatchObject({ source: other, lastPulledAt: 2000 })
    })
  })

  describe('an image', () => {
    test('frees what no other needs', async () => {
      await keep(one, [base, top], { at: 1000 })
      await keep(two, [base, rest], { at: 2000 })
      const nothing = () => false
      expect(digestsOf(await records.store.findFreed(await find(one), nothing))).toEqual(
        [one, top].sort(),
      )
      const oneIsGone = ({ digest }: { digest: Digest }) => digest === one
      const freed = await records.store.findFreed(await find(two), oneIsGone)
      expect(digestsOf(freed)).toEqual([two, base, rest].sort())
      expect(freed).toContainEqual({ digest: base, sizeBytes: 100 })
      expect(digestsOf(await records.store.findFreed(await find(two), nothing))).toEqual(
        [two, rest].sort(),
      )
    })

    test('frees nothing that was pushed, or that another repository has', async () => {
      await keep(one, [base, top])
      await keep(one, [base, top], { from: other, at: 500 })
      await records.store.linkPushed(own, [{ digest: base, sizeBytes: 100 }], 1000)
      expect(await records.store.findFreed(await find(one), () => false)).toEqual([])
      expect((await records.store.evict(await find(one), why))?.freed).toEqual([])
      const evicted = await records.store.evict(await find(one, other), why)
      expect(digestsOf(evicted?.freed)).toEqual([one, top].sort())
      expect(digestsOf(await records.store.forgetUnneeded([one, base, top], one))).toEqual(
        [one, top].sort(),
      )
      expect(await records.store.findBlob(top)).toBeUndefined()
      expect(await records.store.findBlob(base)).toBeDefined()
    })

    test('goes with its tags, and why is remembered', async () => {
      await keep(one, [base])
      await records.store.recordTag(app, tag, { digest: one, checkedAt: 1000 })
      const evicted = await records.store.evict(await find(one), why)
      expect(evicted?.tags).toEqual([tag])
      expect(await records.store.findTag(app, tag)).toBeUndefined()
      expect(await records.store.findImage(app, one)).toBeUndefined()
      const eviction = { ...why, source: app, digest: one, tags: [tag], freedBytes: 110 }
      expect(await records.store.findEviction(app, tag)).toMatchObject(eviction)
      expect(await records.store.findEviction(app, one)).toMatchObject(eviction)
      expect(await records.store.findEvictionOf(base)).toMatchObject(eviction)
      expect(await records.store.findEviction(other, one)).toBeUndefined()
    })

    test('is listed with those that went, the newest first, and summed up over time', async () => {
      for (const [digest, at] of [
        [one, 1_500],
        [two, 1_900],
        [three, 3_000],
      ] as const) {
        await keep(digest, [])
        await records.store.evict(await find(digest), { at, reason: 'it is full' })
      }
      const [last, ...others] = await records.store.listEvictions({ limit: 2 })
      expect([last, others.length]).toMatchObject([{ digest: three, at: 3_000 }, 1])
      const [before, ...none] = await records.store.listEvictions({
        before: others[0]?.id,
        limit: 9,
      })
      expect([before, none]).toMatchObject([{ digest: one, source: app }, []])
      expect(await records.store.sumEvictions({ since: 1_600, stepMs: 1_000 })).toEqual([
        { at: 1_000, images: 1, freedBytes: 10 },
        { at: 3_000, images: 1, freedBytes: 10 },
      ])
    })

    test('is told by each tag it had, however many went after it', async () => {
      await keep(one, [base])
      for (const tag of ['a_b', 'V1'])
        await records.store.recordTag(app, tag as Tag, { digest: one, checkedAt: 1000 })
      await records.store.evict(await find(one), { at: 5000, reason: 'the first' })
      for (let at = 0; at < 1_100; at++) {
        await keep(one, [])
        const tag = (at % 2 === 0 ? 'axb' : 'v1') as Tag
        await records.store.recordTag(app, tag, { digest: one, checkedAt: 1000 })
        await records.store.evict(await find(one), { at, reason: 'later' })
      }
      for (const tag of ['a_b', 'V1'])
        expect(await records.store.findEviction(app, tag as Tag)).toMatchObject({
          reason: 'the first',
        })
      expect(await records.store.findEviction(app, 'v2' as Tag)).toBeUndefined()
    })

    test('stays where it was pulled since it was listed', async () => {
      await keep(one, [base])
      const listed = await find(one)
      await records.store.recordAccesses({
        blobs: new Map(),
        images: [{ ...app, digest: one, at: 5000 }],
      })
      expect(await records.store.evict(listed, why)).toBeUndefined()
      expect(await records.store.findEviction(app, one)).toBeUndefined()
    })

    test('that an index lists goes alone, and is known to be fetched again', async () => {
      await keep(one, [base])
      await keep(two, [one], { mediaType: ociIndex, at: 2000 })
      expect([(await find(one)).hasParts, (await find(two)).hasParts]).toEqual([false, true])
      expect(await records.store.findHolders(await find(one))).toMatchObject({
        tags: [],
        listedBy: [{ digest: two, tags: [] }],
        parts: [],
      })
      expect((await records.store.findHolders(await find(two))).parts).toEqual([one])
      const evicted = await records.store.evict(await find(one), why)
      expect(digestsOf(evicted?.freed)).toEqual([one, base].sort())
      expect(digestsOf(await records.store.forgetUnneeded([one, base], one))).toEqual(
        [one, base].sort(),
      )
      expect(await records.store.findImage(app, one)).toBeUndefined()
      expect((await find(two)).hasParts).toBe(false)
    })
  })

  describe('a blob', () => {
    test('that no image names is an orphan once it wasn’t used for a while', async () => {
      await keep(one, [base])
      await records.store.recordBlob({
        digest: top,
        sizeBytes: 5,
        upstream: dockerHub,
        firstFetchedAt: 10,
      })
      await records.store.linkBlob(app, top)
      expect(await records.store.listOrphans({ before: 10, limit: 10 })).toEqual({
        orphans: [],
        next: undefined,
      })
      expect(await records.store.listOrphans({ before: 11, limit: 10 })).toMatchObject({
        orphans: [{ digest: top, sizeBytes: 5 }],
      })
      let after: Digest | undefined
      const orphans: Digest[] = []
      do {
        const page = await records.store.listOrphans({ after, before: 11, limit: 1 })
        orphans.push(...page.orphans.map(({ digest }) => digest))
        after = page.next
      } while (after)
      expect(orphans).toEqual([top])
      expect(await records.store.forgetUnneeded([top, base])).toEqual([
        { digest: top, sizeBytes: 5 },
      ])
      expect(await records.store.isBlobLinked(app, top)).toBe(false)
    })

    test('is needed by the images that name it', async () => {
      await keep(one, [base], { at: 1000 })
      await keep(two, [base], { at: 2000, from: other })
      const needing = await records.store.listNeeding(base, 10)
      expect(needing.map(({ digest }) => digest)).toEqual([two, one])
      expect(await records.store.listNeeding(base, 1)).toHaveLength(1)
      expect(digestsOf(await records.store.listNeeding(one, 10))).toEqual([one])
    })
  })

  test('pins are kept until they are taken away', async () => {
    expect(await records.store.pin('docker.io/**', 1)).toBe(true)
    expect(await records.store.pin('docker.io/**', 2)).toBe(false)
    expect(await records.store.listPins()).toEqual(['docker.io/**'])
    expect(await records.store.unpin('docker.io/**')).toBe(true)
    expect(await records.store.unpin('docker.io/**')).toBe(false)
    expect(await records.store.listPins()).toEqual([])
  })
}
