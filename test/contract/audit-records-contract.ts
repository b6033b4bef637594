import { describe, expect, test } from 'vitest'
import type { AuditQuery, AuditRecords, NewAudit } from '../../src/store/audit-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = AuditRecords & { close(): Promise<void> }

export type AuditPlace = RecordsPlace<Store>

const push: NewAudit = {
  at: 1_000,
  lastAt: 1_000,
  times: 1,
  who: 'alice',
  from: '10.0.0.1',
  what: 'push',
  subject: 'team/app:1',
  result: 'ok',
  detail: 'sha256:1',
}
const all = { after: 0, limit: 1_000 }
const many = { ok: 1_000, denied: 1_000, failed: 1_000 }

/** What every place of AuditRecords promises, whatever it keeps them in. */
export function testAuditRecords(makePlace: () => Promise<AuditPlace>): void {
  const records = openForEach(makePlace)

  const add = (...added: readonly Partial<NewAudit>[]) =>
    records.store.recordAudit({ added: added.map((each) => ({ ...push, ...each })), repeated: [] })
  const addMany = (count: number, each: Partial<NewAudit> = {}) =>
    add(...Array.from({ length: count }, (_, at) => ({ at, lastAt: at, ...each })))
  const list = async (query: AuditQuery = {}, page = all) =>
    (await records.store.listAudit(query, page)).map(({ subject }) => subject)

  describe('the audit', () => {
    test('gives back what was recorded, in that order, also after a restart', async () => {
      const bare = { from: undefined, detail: undefined, subject: 'mirrors.yaml' }
      const ids = await add({}, { ...bare, what: 'configure' })
      await records.reopen()
      expect(await records.store.listAudit({}, all)).toEqual([
        { ...push, id: ids[0] },
        { ...push, ...bare, what: 'configure', id: ids[1] },
      ])
    })

    test('counts what happened again', async () => {
      const [id = 0] = await add({})
      await records.store.recordAudit({ added: [], repeated: [{ id, times: 7, lastAt: 9_000 }] })
      expect(await records.store.listAudit({}, all)).toMatchObject([
        { at: 1_000, times: 7, lastAt: 9_000 },
      ])
    })

    test('takes all of a batch or nothing', async () => {
      const broken = { ...push, subject: undefined as unknown as string }
      await expect(
        records.store.recordAudit({ added: [push, broken], repeated: [] }),
      ).rejects.toThrow()
      expect(await list()).toEqual([])
    })

    test('is listed in pages, and begins with the newest so many', async () => {
      const ids = await addMany(25)
      const first = await records.store.listAudit({}, { after: 0, limit: 10 })
      const next = await records.store.listAudit({}, { after: first.at(-1)?.id ?? 0, limit: 10 })
      expect([...first, ...next].map(({ id }) => id)).toEqual(ids.slice(0, 20))
      expect(await records.store.findAuditStart({}, 5)).toBe(ids[20])
      expect(await records.store.findAuditStart({ until: 10 }, 5)).toBe(ids[5])
      expect(await records.store.findAuditStart({}, 26)).toBeUndefined()
    })

    test('is listed from the newest on, in pages', async () => {
      const ids = await addMany(12_000)
      await add({ subject: 'team/app@sha256:1' }, { subject: 'team/application:1' })
      const newest = await records.store.listNewestAudit({}, { limit: 3 })
      expect(newest.map(({ subject }) => subject)).toEqual([
        'team/application:1',
        'team/app@sha256:1',
        'team/app:1',
      ])
      const before = newest.at(-1)?.id ?? 0
      const next = await records.store.listNewestAudit({}, { before, limit: 2 })
      expect(next.map(({ id }) => id)).toEqual([ids.at(-2), ids.at(-3)])
      // Further back than is looked through at once.
      const oldest = await records.store.listNewestAudit({ until: 2 }, { limit: 10 })
      expect(oldest.map(({ id }) => id)).toEqual([ids[1], ids[0]])
      const about = { repository: 'team/app', since: 900_000 }
      expect(await records.store.listNewestAudit(about, { limit: 10 })).toEqual([])
    })

    test('is asked for what was done to one repository', async () => {
      const subjects = ['team/app', 'team/app:1', 'team/app@sha256:1', 'team/apple:1', 'team/ap%']
      await add(...subjects.map((subject) => ({ subject })))
      expect(await list({ repository: 'team/app' })).toEqual(subjects.slice(0, 3))
      expect(await list({ repository: 'team/ap%' })).toEqual(['team/ap%'])
    })

    test.each<[string, AuditQuery, string[]]>([
      ['since a time', { since: 2_000 }, ['2', '3', '4', '5']],
      ['since a time at which it happened again', { since: 9_000 }, ['2']],
      ['until a time', { until: 3_000 }, ['1', '2']],
      ['of a user, with his tokens', { who: 'alice' }, ['1', '2']],
      ['of one token of a user', { who: 'alice (token laptop)' }, ['2']],
      ['of a token', { who: 'ci' }, ['3']],
      ['of a name that is no pattern', { who: 'a%' }, ['5']],
      ['from an address', { from: '10.0.0.2' }, ['4']],
      ['of some actions', { what: ['push', 'evict'] }, ['1', '3']],
      ['with a result', { result: 'denied' }, ['4']],
      ['that match all of it', { who: 'alice', what: ['delete'] }, ['2']],
      ['that are none', { who: 'alice', result: 'failed' }, []],
    ])('is asked for records %s', async (_what, query, expected) => {
      await add(
        { subject: '1' },
        { subject: '2', at: 2_000, lastAt: 9_500, who: 'alice (token laptop)', what: 'delete' },
        { subject: '3', at: 3_000, lastAt: 3_000, who: 'token ci', what: 'evict' },
        {
          subject: '4',
          at: 4_000,
          lastAt: 4_000,
          who: 'alicia',
          from: '10.0.0.2',
          what: 'pin',
          result: 'denied',
        },
        {
          subject: '5',
          at: 5_000,
          lastAt: 5_000,
          who: 'a% (token x)',
          from: undefined,
          what: 'copy',
        },
      )
      expect(await list(query)).toEqual(expected)
    })

    test('loses what is too old, and never gives its ids again', async () => {
      const [first = 0] = await add({ subject: 'old' })
      await add({ subject: 'again', lastAt: 5_000 }, { subject: 'new', at: 5_000, lastAt: 5_000 })
      expect(await records.store.trimAudit({ before: 5_000, most: many })).toBe(1)
      expect(await list()).toEqual(['again', 'new'])
      expect(await records.store.trimAudit({ before: 6_000, most: many })).toBe(2)
      const [next = 0] = await add({})
      expect(next).toBe(first + 3)
    })

    test('keeps of each result the newest so many', async () => {
      await addMany(1_200, { result: 'denied', subject: 'denied' })
      await add({ subject: 'first' }, { subject: 'second' })
      await addMany(1_200, { result: 'denied', subject: 'denied' })
      await add({ subject: 'third' })
      const most = { ok: 2, denied: 700, failed: 0 }
      expect(await records.store.trimAudit({ before: 0, most })).toBe(1_701)
      expect(await list({ result: 'ok' })).toEqual(['second', 'third'])
      expect(await list({ result: 'denied' })).toHaveLength(700)
      expect(await records.store.trimAudit({ before: 0, most })).toBe(0)
    })
  })
}
