import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { digestOf } from '../../../../src/oci/digest.ts'
import { parseRepository } from '../../../../src/oci/repository.ts'
import { dockerHub } from '../../../../src/oci/upstream-name.ts'
import { DatabaseListRecords } from '../../../../src/store/database/list-records.ts'
import { migrate } from '../../../../src/store/database/migrations/index.ts'
import { RepositoryIds } from '../../../../src/store/database/repository-ids.ts'
import { openSqlite } from '../../../../src/store/database/sqlite-database.ts'
import { makeTemporaryDirectory } from '../../../support/temporary-directory.ts'

const minuteMs = 60_000
const maxBytes = 100_000
const sourceOf = (name: string) => ({ upstream: dockerHub, repository: parseRepository(name) })
const subjectOf = (at: number) => digestOf(Buffer.from(`${at}`))

const openLists = async () => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const database = await openSqlite(join(directory.path, 'entrepot.db'))
  onTestFinished(() => database.queries.destroy())
  await migrate(database.queries)
  const open = () => new DatabaseListRecords(database.queries, new RepositoryIds(), maxBytes)
  return { open, lists: open() }
}

test('lists that take too much go, those that were fetched longest ago first', async () => {
  const { lists } = await openLists()
  const entries = ['x'.repeat(10_000)]
  for (let at = 0; at < 30; at++) {
    await lists.recordTagList(sourceOf(`team/${at}`), { entries, fetchedAt: at * minuteMs })
    const referrers = { entries: [{ note: 'x'.repeat(1_000) }], fetchedAt: at * minuteMs }
    await lists.recordReferrers(sourceOf('team/0'), subjectOf(at), referrers)
  }

  const kept: number[] = []
  for (let at = 0; at < 30; at++) {
    const tags = await lists.findTagList(sourceOf(`team/${at}`))
    const referrers = await lists.findReferrers(sourceOf('team/0'), subjectOf(at))
    if (tags && referrers) kept.push(at)
    expect(tags === undefined).toBe(referrers === undefined)
  }
  expect(kept.length).toBeGreaterThanOrEqual(5)
  expect(kept.length).toBeLessThanOrEqual(9)
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, place) => 30 - kept.length + place))
})

test('a list that is fetched again and again takes its place once', async () => {
  const { lists } = await openLists()
  const small = { entries: ['1'], fetchedAt: 0 }
  await lists.recordTagList(sourceOf('team/small'), small)
  for (let at = 1; at < 50; at++) {
    const list = { entries: ['x'.repeat(10_000)], fetchedAt: at * minuteMs }
    await lists.recordTagList(sourceOf('team/large'), list)
  }
  expect(await lists.findTagList(sourceOf('team/small'))).toEqual(small)
})

test('empty lists count too, and what there was before a restart', async () => {
  const { lists, open } = await openLists()
  const record = (records: DatabaseListRecords, at: number) =>
    records.recordReferrers(sourceOf('team/0'), subjectOf(at), {
      entries: [],
      fetchedAt: at * minuteMs,
    })
  for (let at = 0; at < 480; at++) await record(lists, at)
  const again = open()
  for (let at = 480; at < 600; at++) await record(again, at)

  expect(await again.findReferrers(sourceOf('team/0'), subjectOf(0))).toBeUndefined()
  expect(await again.findReferrers(sourceOf('team/0'), subjectOf(599))).toBeDefined()
})
