import { describe, expect, test } from 'vitest'
import type { SpaceHistoryRecords, SpaceSample } from '../../src/store/space-history-records.ts'
import type { VerifyFinding, VerifyRecords, VerifyRun } from '../../src/store/verify-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = SpaceHistoryRecords & VerifyRecords & { close(): Promise<void> }

const minute = 60_000
const hour = 60 * minute

const sample = (at: number, usedBytes = at): SpaceSample => ({
  at,
  totalBytes: 9,
  usedBytes,
  hostedBytes: 1,
  pinnedBytes: 2,
  mirroredBytes: 3,
  reclaimableBytes: 4,
})

const run = (startedAt: number): VerifyRun => ({
  startedAt,
  endedAt: startedAt + 5,
  state: 'failed',
  isRepair: true,
  files: 1,
  bytes: 2,
  totalBytes: 3,
  found: 4,
  healed: 5,
  error: 'the disk',
})

const finding = (at: number): VerifyFinding => ({
  at,
  isByHand: at % 2 === 0,
  what: 'sha256:0',
  finding: 'wrong bytes',
  outcome: undefined,
  isHealed: false,
  images: ['docker.io/team/app:1'],
})

/** What every place of SpaceHistoryRecords and VerifyRecords promises. */
export function testCareRecords(makePlace: () => Promise<RecordsPlace<Store>>): void {
  const records = openForEach(makePlace)
  const list = async (stepMs: number, since = 0) =>
    (await records.store.listSpace({ since, stepMs })).map(({ at }) => at)

  describe('how full the disk was', () => {
    test('is listed by steps of time, the last of each', async () => {
      for (const at of [10, 20, 50, 60, 70]) await records.store.recordSpace(sample(at * minute))
      expect(await records.store.listSpace({ since: 65 * minute, stepMs: 1 })).toEqual([
        sample(70 * minute),
      ])
      expect(await list(hour)).toEqual([50 * minute, 70 * minute])
      await records.reopen()
      expect(await list(10 * minute, 20 * minute)).toEqual(
        [20, 50, 60, 70].map((at) => at * minute),
      )
    })

    test('is the newest of its time, also once the clock was set back', async () => {
      for (const at of [10, 20, 30]) await records.store.recordSpace(sample(at))
      await records.store.recordSpace(sample(20, 7))
      expect(await records.store.listSpace({ since: 0, stepMs: 1 })).toEqual([
        sample(10),
        sample(20, 7),
      ])
    })

    test('goes when it is old: first all but the hours, then those', async () => {
      for (let at = 0; at <= 10 * hour; at += 10 * minute)
        await records.store.recordSpace(sample(at))
      const removed = await records.store.trimSpace({ hourlyBefore: 9 * hour, before: 2 * hour })
      expect(removed).toBe(2 + 9 * 5)
      const hours = [2, 3, 4, 5, 6, 7, 8].map((at) => at * hour)
      expect((await list(1)).filter((at) => at < 9 * hour)).toEqual(hours)
      expect((await list(1)).filter((at) => at >= 9 * hour)).toHaveLength(7)
    })
  })

  test('verifications and findings are remembered, the newest first, and not without end', async () => {
    await records.store.recordVerifyRun(run(1))
    await records.store.recordVerifyRun({ ...run(2), error: undefined, isRepair: false })
    await records.reopen()
    expect(await records.store.listVerifyRuns(9)).toEqual([
      { ...run(2), error: undefined, isRepair: false },
      run(1),
    ])
    for (let at = 3; at < 60; at++) await records.store.recordVerifyRun(run(at))
    expect(await records.store.listVerifyRuns(99)).toHaveLength(50)
    await records.store.recordVerifyFindings([finding(1), { ...finding(2), outcome: 'gone' }])
    expect(await records.store.listVerifyFindings(9)).toEqual([
      { ...finding(2), outcome: 'gone' },
      finding(1),
    ])
    const many = Array.from({ length: 1_500 }, (_, at) => finding(at))
    await records.store.recordVerifyFindings(many)
    const kept = await records.store.listVerifyFindings(2_000)
    expect([kept.length, kept[0]?.at]).toEqual([1_000, 1_499])
  })
}
