import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { dockerHub, type UpstreamName } from '../../src/oci/upstream-name.ts'
import {
  type ChronicleRecords,
  mostTroublesEach,
  type Slot,
  type SlotCounter,
  type SlotQuery,
  slotCounterNames,
  slotLengthsMs,
  type Trouble,
} from '../../src/store/chronicle-records.ts'
import type { MetadataStore } from '../../src/store/metadata-store.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = ChronicleRecords & Pick<MetadataStore, 'recordTag'> & { close(): Promise<void> }

export type ChroniclePlace = RecordsPlace<Store>

const url = 'https://registry.example'
const upstream = 'registry.example'
const { short, long } = slotLengthsMs

const slot = (at: number, counts: Partial<Slot['counts']>, others: Partial<Slot> = {}): Slot => {
  const none = Object.fromEntries(slotCounterNames.map((name) => [name, 0]))
  const all = { ...none, ...counts } as Record<SlotCounter, number>
  return { upstream, url, at, answeredAt: 0, counts: all, ...others }
}

const trouble: Trouble = {
  upstream,
  url,
  kind: 'unavailable',
  repository: 'team/app',
  message: 'registry.example closed the connection',
  firstAt: 1_000,
  lastAt: 1_500,
  times: 2,
}

/** What every place of ChronicleRecords promises, whatever it keeps them in. */
export function testChronicleRecords(makePlace: () => Promise<ChroniclePlace>): void {
  const records = openForEach(makePlace)

  const add = (slots: readonly Slot[], troubles: readonly Trouble[] = []) =>
    records.store.addChronicle({ slots, troubles })
  const sum = (query: Partial<SlotQuery> = {}) =>
    records.store.sumSlots({ since: 0, length: 'short', perCell: 1, ...query })
  const list = (of = upstream) => records.store.listTroubles(of)

  describe('how upstreams did', () => {
    test('is added up by slot, also after a restart', async () => {
      await add([slot(0, { requests: 2, took3: 2, bytes: 5e9 }, { answeredAt: 9 })])
      await records.reopen()
      await add([
        slot(0, { requests: 1, unavailable: 1, downMs: 700 }),
        slot(short, { requests: 1 }),
      ])
      expect(await sum()).toEqual([
        slot(
          0,
          { requests: 3, took3: 2, unavailable: 1, bytes: 5e9, downMs: 700 },
          { answeredAt: 9 },
        ),
        slot(short, { requests: 1 }),
      ])
    })

    test('is told of longer slots too, and of several as one', async () => {
      const times = [0, short, 3 * short, long]
      await add(times.map((at) => slot(at, { requests: 1 }, { answeredAt: at })))
      expect(await sum({ length: 'long' })).toEqual([
        slot(0, { requests: 3 }, { answeredAt: 3 * short }),
        slot(long, { requests: 1 }, { answeredAt: long }),
      ])
      expect((await sum({ perCell: 3 })).map(({ at, counts }) => [at, counts.requests])).toEqual([
        [0, 2],
        [3 * short, 1],
        [long, 1],
      ])
    })

    test('is told by URL, of one upstream alone and since a time', async () => {
      const elsewhere = { upstream: 'docker.io', url: 'https://registry-1.docker.io' }
      const second = { url: 'https://second.example' }
      await add([slot(0, { requests: 1 }), slot(short, { requests: 2 }, second)])
      await add([slot(short, { requests: 3 }, elsewhere)])
      expect(await sum({ upstream })).toHaveLength(2)
      expect(await sum({ upstream: 'docker.io' })).toEqual([
        slot(short, { requests: 3 }, elsewhere),
      ])
      expect((await sum({ since: short })).map((each) => each.counts.requests).sort()).toEqual([
        2, 3,
      ])
    })

    test('is all recorded or none of it', async () => {
      const broken = { ...trouble, message: undefined as unknown as string }
      await expect(add([slot(0, { requests: 1 })], [broken])).rejects.toThrow()
      expect(await sum()).toEqual([])
    })

    test('has its last troubles, the same several times in a row as one', async () => {
      await add([], [trouble, { ...trouble, kind: 'limited', firstAt: 2_000, lastAt: 2_000 }])
      await records.reopen()
      const again = {
        ...trouble,
        kind: 'limited' as const,
        firstAt: 3_000,
        lastAt: 3_100,
        times: 4,
      }
      await add([], [again])
      expect(await list()).toEqual([{ ...again, firstAt: 2_000, times: 6 }, trouble])
      expect(await list('docker.io')).toEqual([])
    })

    test('has so many troubles of each at most', async () => {
      const many = Array.from({ length: mostTroublesEach + 20 }, (_, index) => {
        return { ...trouble, message: `${index}` }
      })
      await add([], [...many, { ...trouble, upstream: 'docker.io' }])
      const kept = await list()
      expect(kept).toHaveLength(mostTroublesEach)
      expect(kept[0]?.message).toBe(`${mostTroublesEach + 19}`)
      expect(await list('docker.io')).toHaveLength(1)
    })

    test('goes once it is too old, or too much', async () => {
      const times = Array.from({ length: 24 }, (_, index) => index * short)
      await add(
        times.map((at) => slot(at, { requests: 1 })),
        [trouble],
      )
      const bounds = {
        shortBefore: 4 * short,
        longBefore: long,
        troublesBefore: 1_600,
        most: 1_000,
      }
      expect(await records.store.trimChronicle(bounds)).toBe(4 + 1 + 1)
      expect(await list()).toEqual([])
      expect(await sum()).toHaveLength(20)
      expect(await sum({ length: 'long' })).toHaveLength(1)
      const none = { shortBefore: 0, longBefore: 0, troublesBefore: 0 }
      expect(await records.store.trimChronicle({ ...none, most: 20 })).toBe(10)
      expect((await sum())[0]?.at).toBe(14 * short)
    })

    test('says how many tags are past their time, of those that are asked for', async () => {
      const source = (name: UpstreamName) => {
        return { upstream: name, repository: parseRepository('team/app') }
      }
      const known = { digest: digestOf(Buffer.from('image')), goneAt: undefined }
      const other = 'ghcr.io' as UpstreamName
      for (const [tag, checkedAt] of [
        ['1', 100],
        ['2', 200],
        ['3', 300],
      ] as const) {
        await records.store.recordTag(source(dockerHub), tag as Tag, { ...known, checkedAt })
      }
      const gone = { ...known, checkedAt: 100, goneAt: 150 }
      await records.store.recordTag(source(dockerHub), '4' as Tag, gone)
      await records.store.recordTag(source(other), '1' as Tag, { ...known, checkedAt: 100 })
      const counted = await records.store.countTags([
        { upstream: dockerHub, checkedBefore: 200 },
        { upstream: 'quay.io', checkedBefore: 200 },
      ])
      expect(counted).toEqual([{ upstream: dockerHub, kept: 3, due: 2 }])
      expect(await records.store.countTags([])).toEqual([])
    })
  })
}
