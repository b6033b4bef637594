import { describe, expect, test } from 'vitest'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type Digest, digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { ownSource, type Source } from '../../src/oci/source.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import type { HostedRecords } from '../../src/store/hosted-records.ts'
import type { LedgerRecords } from '../../src/store/ledger-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'
import {
  type OverviewRecords,
  type SummaryColumn,
  summaryColumns,
  type TagQuery,
} from '../../src/store/overview-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = MetadataStore & HostedRecords & OverviewRecords & LedgerRecords

export type OverviewPlace = RecordsPlace<Store>

const app = parseRepository('team/app')
const hosted = ownSource(app)
const alpine: Source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const other: Source = { ...alpine, repository: parseRepository('library/other') }
const dayMs = 86_400_000
const today = 20_000 * dayMs
const since = today - 29 * dayMs

const named = (name: string): Digest => digestOf(Buffer.from(name))
const child = (name: string, sizeBytes: number, mediaType = 'application/x'): Descriptor => {
  return { digest: named(name), sizeBytes, mediaType }
}
const newImage = (name: string, children: readonly Descriptor[] = [], mediaType = ociManifest) => ({
  digest: named(name),
  mediaType,
  sizeBytes: 500,
  children,
  artifactType: undefined,
  subject: undefined,
  annotations: undefined,
  pushedAt: 1000,
  firstFetchedAt: 1000,
})

const query: TagQuery = {
  search: '',
  order: 'tag',
  isDescending: false,
  offset: 0,
  limit: 10,
  pullsSince: since,
  days: 30,
}

/** What every place of OverviewRecords promises. */
export function testOverviewRecords(makePlace: () => Promise<OverviewPlace>): void {
  const records = openForEach(makePlace)

  const keepBlob = async (source: Source, name: string, sizeBytes: number) => {
    const blob = { digest: named(name), sizeBytes, upstream: source.upstream, firstFetchedAt: 1 }
    await records.store.recordBlob(blob)
    await records.store.linkBlob(source, named(name))
  }
  const push = async (image: ReturnType<typeof newImage>, tags: readonly string[], to = app) => {
    const pushed = { image, tags: tags as Tag[], needs: [], fixedTags: [] }
    expect(await records.store.recordPushed(to, pushed)).toBeUndefined()
  }
  const link = (names: readonly string[], sizeBytes: number, to = app) =>
    records.store.linkPushed(
      to,
      names.map((name) => ({ digest: named(name), sizeBytes })),
      1,
    )
  const tag = (source: Source, name: string, image: string, more: object = {}) =>
    records.store.recordTag(source, name as Tag, { digest: named(image), checkedAt: 9, ...more })
  const count = (id: number, rows: readonly object[]) =>
    records.store.addTraffic({
      id,
      rows: rows.map((row) => ({
        ...{
          at: today,
          client: 'c',
          user: '',
          upstream: 'docker.io',
          repository: 'library/alpine',
        },
        ...{ tag: 'a', outcome: 'hit' as const, counters: { pulls: 1 } },
        ...row,
      })),
    })

  /** Of each repository what is told of it, and what is measured. */
  const summarize = async (most = 10) => {
    const summary = await records.store.summarizeRepositories({ pullsSince: since, most })
    const names = summary.names === '' ? [] : summary.names.split('\n')
    const { cells } = await records.store.measureRepositories()
    const read = (column: SummaryColumn, at: number) =>
      summary.cells[summaryColumns.indexOf(column) * names.length + at]
    const measured = (id: number | undefined) => {
      const at = cells.findIndex((value, place) => place % 3 === 0 && value === id)
      return at < 0 ? [0, 0] : [cells[at + 1], cells[at + 2]]
    }
    return {
      isCut: summary.isCut,
      repositories: names.map((name, at) => {
        const [bytes, own] = measured(read('id', at))
        const of = (column: SummaryColumn) => read(column, at)
        const times = { lastPulledAt: of('lastPulledAt'), newestAt: of('newestAt') }
        return { name, tags: of('tags'), pulls: of('pulls'), bytes, own, ...times }
      }),
    }
  }

  describe('a summary of all repositories', () => {
    test('has of what was pushed each blob once, all tags, and no pull until there is one', async () => {
      await link(['layer', 'shared'], 7)
      await link(['layer'], 7)
      await push(newImage('image'), ['a', 'b'])
      await push({ ...newImage('two'), pushedAt: 2000 }, ['c'])
      const told = { name: 'team/app', tags: 3, pulls: 0, bytes: 14, own: 14, newestAt: 2000 }
      expect((await summarize()).repositories).toEqual([{ ...told, lastPulledAt: 0 }])
      const pulled = { ...hosted, digest: named('image'), at: 5000 }
      await records.store.recordAccesses({ blobs: new Map(), images: [pulled] })
      expect((await summarize()).repositories).toEqual([{ ...told, lastPulledAt: 5000 }])
      await records.store.unlinkPushed(app, named('layer'))
      expect((await summarize()).repositories).toMatchObject([{ bytes: 7, own: 7 }])
    })

    test('has of what is mirrored what is kept, whatever repository that came through', async () => {
      const children = [child('layer', 7), child('shared', 9), child('x', 11)]
      await records.store.recordImage(alpine, newImage('image', children))
      await keepBlob(alpine, 'layer', 7)
      await keepBlob(other, 'shared', 9)
      await tag(alpine, 'a', 'image')
      await tag(alpine, 'b', 'image', { goneAt: 2000 })
      expect((await summarize()).repositories).toEqual([
        {
          ...{ name: 'docker.io/library/alpine', tags: 1, pulls: 0, bytes: 16, own: 7 },
          ...{ lastPulledAt: 1000, newestAt: 1000 },
        },
      ])
    })

    test('counts as its own what no other has, pushed and mirrored alike', async () => {
      const children = [child('base', 100), child('its own', 10)]
      for (const [source, name] of [[alpine, 'one'] as const, [other, 'two'] as const]) {
        await records.store.recordImage(
          source,
          newImage(name, [child('base', 100), child(name, 5)]),
        )
        for (const { digest, sizeBytes } of [child('base', 100), child(name, 5)]) {
          await records.store.recordBlob({
            digest,
            sizeBytes,
            upstream: dockerHub,
            firstFetchedAt: 1,
          })
          await records.store.linkBlob(source, digest)
        }
      }
      await link(['base'], 100)
      await link(['pushed'], 3)
      await push(newImage('three', children), ['a'])
      const found = (await summarize()).repositories
      expect(found.map(({ name, bytes, own }) => [name, bytes, own])).toEqual([
        ['docker.io/library/alpine', 105, 5],
        ['docker.io/library/other', 105, 5],
        ['team/app', 103, 3],
      ])
    })

    test('counts pulls of the last days by repository, of all its tags and clients', async () => {
      await records.store.recordImage(alpine, newImage('image'))
      await push(newImage('two'), ['a'])
      await count(1, [
        { at: since },
        { at: since + 9 * dayMs, tag: 'b', counters: { pulls: 10 } },
        { at: today + 3_600_000, client: 'd', counters: { pulls: 100 } },
        { at: since - 3_600_000, counters: { pulls: 1000 } },
        { upstream: '', repository: 'team/app', counters: { pulls: 7 } },
        { upstream: 'quay.io', counters: { pulls: 9 } },
      ])
      expect((await summarize()).repositories).toMatchObject([
        { name: 'docker.io/library/alpine', pulls: 111 },
        { name: 'team/app', pulls: 7 },
      ])
    })

    test('comes in the order in which repositories are listed, and ends where it is told to', async () => {
      expect(await summarize()).toEqual({ isCut: false, repositories: [] })
      const names = Array.from({ length: 60 }, (_, index) => `r${index * 7}/x`)
      for (const name of names) await push(newImage('image'), ['a'], parseRepository(name))
      await records.store.recordImage(alpine, newImage('image'))
      const all = await summarize(61)
      expect(all.isCut).toBe(false)
      expect(all.repositories.map(({ name }) => name)).toEqual(
        [...names, 'docker.io/library/alpine'].sort(),
      )
      const some = await summarize(60)
      expect(some).toEqual({ isCut: true, repositories: all.repositories.slice(0, 60) })
    })

    test('finds repositories by the beginning of a tag or a digest', async () => {
      await push(newImage('image'), ['1.2', '2'])
      await push(newImage('two'), ['1.20'], parseRepository('team/b'))
      const find = async (wanted: Parameters<Store['findHolding']>[0]) =>
        (await records.store.findHolding(wanted)).length
      expect(await find({ tag: '1.2' })).toBe(2)
      expect(await find({ tag: '1.20' })).toBe(1)
      expect(await find({ tag: '.2' })).toBe(0)
      expect(await find({ digest: named('two').slice(0, 12) })).toBe(1)
      expect(await find({ digest: 'sha256:' })).toBe(2)
    })
  })

  describe('tags of a repository', () => {
    const list = async (source: Source, more: Partial<TagQuery> = {}) => {
      const found = await records.store.listTagsInOrder(source, { ...query, ...more })
      return { ...found, names: found?.tags.map((each) => each.tag) }
    }

    test('have what their images have, and are those that are kept and not gone', async () => {
      await records.store.recordImage(alpine, newImage('image', [child('layer', 2 ** 40)]))
      await tag(alpine, 'c', 'image')
      await tag(alpine, 'a', 'image', { goneAt: 2000 })
      await tag(alpine, 'b', 'not kept')
      const found = await list(alpine)
      expect(found).toMatchObject({ total: 1, hasMore: false })
      expect(found.tags).toEqual([
        {
          ...{ tag: 'c', digest: named('image'), mediaType: ociManifest, manifestBytes: 500 },
          ...{ sizeBytes: 500 + 2 ** 40, ownBytes: 500, sharedBytes: 0 },
          ...{ storedAt: 1000, lastPulledAt: 1000, checkedAt: 9, pullsByDay: Array(30).fill(0) },
        },
      ])
      expect(await list(other)).toEqual({ names: undefined })
    })

    test('of a manifest that came through another repository have no type of their own', async () => {
      await records.store.recordImage(other, newImage('image'))
      await records.store.recordImage(alpine, newImage('two'))
      await tag(alpine, 'a', 'image')
      const { tags } = await list(alpine)
      expect(tags).toMatchObject([{ mediaType: undefined, lastPulledAt: undefined }])
    })

    test('that were pushed say when they were pulled last, and are checked with nobody', async () => {
      await push(newImage('image'), ['a'])
      expect((await list(hosted)).tags).toMatchObject([
        { lastPulledAt: undefined, checkedAt: undefined, storedAt: 1000 },
      ])
    })

    test('come in any order, either way, with those that are equal by tag; and in pages', async () => {
      const images = { '1.10': 30, '1.9': 10, '1.2': 20, B: 20 }
      for (const [at, [name, size]] of Object.entries(images).entries())
        await push({ ...newImage(name, [child(name, size)]), pushedAt: 1000 + at }, [name])
      const by = async (order: TagQuery['order'], isDescending = false) =>
        (await list(hosted, { order, isDescending })).names
      expect(await by('tag')).toEqual(['1.2', '1.9', '1.10', 'B'])
      expect(await by('tag', true)).toEqual(['B', '1.10', '1.9', '1.2'])
      expect(await by('size')).toEqual(['1.9', '1.2', 'B', '1.10'])
      expect(await by('size', true)).toEqual(['1.10', '1.2', 'B', '1.9'])
      expect(await by('stored')).toEqual(['1.10', '1.9', '1.2', 'B'])
      const page = await list(hosted, { order: 'size', offset: 1, limit: 2 })
      expect(page).toMatchObject({ names: ['1.2', 'B'], total: 4, hasMore: true })
      expect((await list(hosted, { offset: 2, limit: 2 })).hasMore).toBe(false)
      expect(await list(hosted, { after: '1.10', limit: 2 })).toMatchObject({
        names: ['1.2', '1.9'],
        hasMore: true,
      })
    })

    test('are searched by a part of the tag or the beginning of the digest', async () => {
      await push(newImage('one'), ['1.2-alpine'])
      await push(newImage('two'), ['1.2'])
      expect(await list(hosted, { search: 'alp' })).toMatchObject({
        names: ['1.2-alpine'],
        total: 1,
      })
      expect((await list(hosted, { search: named('two').slice(0, 20) })).names).toEqual(['1.2'])
      expect(await list(hosted, { search: 'none' })).toMatchObject({ names: [], total: 0 })
    })

    test('have their pulls of each day, and are ordered by all of them', async () => {
      await records.store.recordImage(alpine, newImage('image'))
      for (const name of ['a', 'b', 'c']) await tag(alpine, name, 'image')
      await count(1, [
        { at: since, counters: { pulls: 4 } },
        { at: today, counters: { pulls: 2 } },
        { at: today, client: 'd', outcome: 'miss', counters: { pulls: 1 } },
        { at: since + dayMs, tag: 'b', counters: { pulls: 50 } },
        { at: since - dayMs, tag: 'c', counters: { pulls: 100 } },
      ])
      const { tags, names } = await list(alpine, { order: 'pulls', isDescending: true })
      expect(names).toEqual(['b', 'a', 'c'])
      expect(tags?.[0]?.pullsByDay.slice(0, 3)).toEqual([0, 50, 0])
      expect(tags?.[1]?.pullsByDay).toEqual([4, ...Array(28).fill(0), 3])
      expect(tags?.[2]?.pullsByDay).toEqual(Array(30).fill(0))
    })

    const keepImage = async (
      source: Source,
      name: string,
      layers: Readonly<Record<string, number>>,
    ) => {
      const children = Object.entries(layers).map(([layer, size]) => child(layer, size))
      for (const { digest, sizeBytes } of children)
        await records.store.recordBlob({
          digest,
          sizeBytes,
          upstream: dockerHub,
          firstFetchedAt: 1,
        })
      await records.store.recordImage(source, newImage(name, children))
    }
    const sharesOf = async (source: Source) =>
      (await list(source)).tags?.map(({ ownBytes, sharedBytes }) => [ownBytes, sharedBytes])

    test('know what of their images others need too', async () => {
      await keepImage(alpine, 'one', { base: 100, first: 10 })
      await keepImage(alpine, 'two', { base: 100, second: 20 })
      await tag(alpine, 'a', 'one')
      await tag(alpine, 'also', 'one')
      await tag(alpine, 'b', 'two')
      expect(await sharesOf(alpine)).toEqual([
        [510, 100],
        [510, 100],
        [520, 100],
      ])
      await records.store.linkImage(other, named('one'), { mediaType: ociManifest, at: 1 })
      expect((await sharesOf(alpine))?.[0]).toEqual([0, 610])
    })

    test('of an index have what its platforms have, as long as nobody else has those', async () => {
      const platforms = ['arm', 'amd'].map((name) => child(name, 500, ociManifest))
      await records.store.recordImage(alpine, newImage('index', platforms, ociIndex))
      await keepImage(alpine, 'arm', { base: 100, armed: 10 })
      await keepImage(alpine, 'amd', { base: 100, amdahl: 20 })
      await tag(alpine, 'a', 'index')
      expect(await sharesOf(alpine)).toEqual([[3 * 500 + 130, 0]])
      expect((await list(alpine)).tags?.[0]?.sizeBytes).toBe(3 * 500 + 230)
      await tag(alpine, 'b', 'amd')
      expect(await sharesOf(alpine)).toEqual([
        [1000 + 10, 500 + 120],
        [0, 620],
      ])
    })
  })
}
