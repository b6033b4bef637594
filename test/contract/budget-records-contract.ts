import { describe, expect, test } from 'vitest'
import type { BudgetRecords, BudgetSample } from '../../src/store/budget-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = BudgetRecords & { close(): Promise<void> }

export type BudgetPlace = RecordsPlace<Store>

const sample: BudgetSample = {
  upstream: 'docker.io',
  account: '192.0.2.7',
  at: 1_000,
  heardAt: 1_400,
  limit: 100,
  remaining: 76,
  lowest: 75,
  windowSeconds: 21_600,
}
const other = { ...sample, account: 'alice' }
const elsewhere = { ...sample, upstream: 'registry.example' }

/** What every place of BudgetRecords promises, whatever it keeps them in. */
export function testBudgetRecords(makePlace: () => Promise<BudgetPlace>): void {
  const records = openForEach(makePlace)

  const record = (...samples: readonly BudgetSample[]) => records.store.recordBudgets(samples)
  const at = (...times: readonly number[]) => times.map((time) => ({ ...sample, at: time }))
  const list = (since = 0, { upstream, account } = sample) =>
    records.store.listBudgets({ upstream, account, since })
  const listTimes = async (...query: Parameters<typeof list>) =>
    (await list(...query)).map((each) => each.at)

  describe('what upstreams said of their limits', () => {
    test('is given back by account in the order of time, also after a restart', async () => {
      await record(...at(1_000, 2_000, 3_000), other, elsewhere)
      await records.reopen()
      expect(await list()).toEqual(at(1_000, 2_000, 3_000))
      expect(await listTimes(2_000)).toEqual([2_000, 3_000])
      expect(await list(0, other)).toEqual([other])
      expect(await list(0, elsewhere)).toEqual([elsewhere])
    })

    test('is told once for each slot, as it was told last', async () => {
      await record(sample)
      const later = { ...sample, heardAt: 1_900, remaining: 80, lowest: 60, limit: 200 }
      await record(later)
      expect(await list()).toEqual([later])
    })

    test('is forgotten of times that are yet to come, of that account', async () => {
      await record(...at(1_000, 2_000, 3_000), { ...other, at: 3_000 })
      await record(...at(1_500))
      expect(await listTimes()).toEqual([1_000, 1_500])
      expect(await listTimes(0, other)).toEqual([3_000])
    })

    test('is all recorded or none of it', async () => {
      const broken = { ...other, remaining: undefined as unknown as number }
      await expect(record(sample, broken)).rejects.toThrow()
      expect(await list()).toEqual([])
    })

    test('has a last sample of each account', async () => {
      expect(await records.store.listLastBudgets()).toEqual([])
      await record(...at(1_000, 2_000), other, elsewhere)
      expect(await records.store.listLastBudgets()).toEqual([...at(2_000), other, elsewhere])
    })

    test('goes once it is too old', async () => {
      await record(...at(1_000, 2_000, 3_000), other)
      expect(await records.store.trimBudgets({ before: 2_000, most: 100 })).toBe(2)
      expect(await listTimes()).toEqual([2_000, 3_000])
      expect(await list(0, other)).toEqual([])
    })

    test('goes, the oldest first, where there is too much', async () => {
      await record(...at(...Array.from({ length: 1_200 }, (_, index) => index)))
      expect(await records.store.trimBudgets({ before: 0, most: 100 })).toBe(1_100)
      expect((await listTimes())[0]).toBe(1_100)
      expect(await records.store.trimBudgets({ before: 0, most: 100 })).toBe(0)
    })
  })
}
