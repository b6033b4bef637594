import { describe, expect, test } from 'vitest'
import type { WebhookRecords } from '../../src/store/webhook-records.ts'
import { openForEach, type RecordsPlace } from './open-for-each.ts'

type Store = WebhookRecords & { close(): Promise<void> }

export type WebhookPlace = RecordsPlace<Store>

const wide = { most: 1_000, mostBytes: 1_000_000 }

/** What every place of WebhookRecords promises, whatever it keeps them in. */
export function testWebhookRecords(makePlace: () => Promise<WebhookPlace>): void {
  const records = openForEach(makePlace)

  const add = (hook: string, bodies: readonly string[], bounds = wide) => {
    const added = bodies.map((body, index) => ({ hook, body, queuedAt: 1_000 + index }))
    return records.store.addDeliveries(added, bounds)
  }
  const takeAll = async (hook: string): Promise<string[]> => {
    const next = await records.store.findDelivery(hook)
    if (next === undefined) return []
    await records.store.removeDelivery(next.id)
    return [next.body, ...(await takeAll(hook))]
  }

  describe('what webhooks are to be told', () => {
    test('is given in the order in which it was added, to each hook its own, also after a restart', async () => {
      await add('a', ['1', '2'])
      await add('b', ['3'])
      await add('a', ['4'])
      await records.reopen()
      expect(await records.store.findDelivery('a')).toEqual({
        id: expect.any(Number),
        hook: 'a',
        body: '1',
        queuedAt: 1_000,
      })
      expect(await takeAll('a')).toEqual(['1', '2', '4'])
      expect(await takeAll('b')).toEqual(['3'])
      expect(await records.store.findDelivery('c')).toBeUndefined()
    })

    test('stays until it is removed', async () => {
      await add('a', ['1'])
      const first = await records.store.findDelivery('a')
      expect(await records.store.findDelivery('a')).toEqual(first)
    })

    test('is all of a batch or nothing', async () => {
      await expect(add('a', ['1', undefined as unknown as string])).rejects.toThrow()
      expect(await takeAll('a')).toEqual([])
    })

    test('loses its oldest beyond a number, whosever they are', async () => {
      expect(await add('a', ['1', '2'])).toBe(0)
      expect(await add('b', ['3', '4'], { ...wide, most: 3 })).toBe(1)
      expect(await takeAll('a')).toEqual(['2'])
      expect(await takeAll('b')).toEqual(['3', '4'])
    })

    test('loses its oldest beyond a size, in bytes', async () => {
      await add('a', ['ö'.repeat(100), 'x'.repeat(100)])
      expect(await add('a', ['y'.repeat(100)], { ...wide, mostBytes: 399 })).toBe(1)
      expect(await takeAll('a')).toEqual(['x'.repeat(100), 'y'.repeat(100)])
    })

    test('loses all of it where one alone is too large', async () => {
      await add('a', ['1'])
      expect(await add('a', ['x'.repeat(100)], { ...wide, mostBytes: 50 })).toBe(2)
      expect(await takeAll('a')).toEqual([])
    })

    test('of a hook, what is old can be removed, however much it is', async () => {
      await add(
        'a',
        Array.from({ length: 500 }, (_, index) => String(index)),
      )
      await add('b', ['1'])
      expect(await records.store.removeOldDeliveries('a', 1_499)).toBe(499)
      expect(await takeAll('a')).toEqual(['499'])
      expect(await takeAll('b')).toEqual(['1'])
    })

    test('of hooks that are no more can be removed', async () => {
      await add('a', ['1'])
      await add('b', ['2'])
      await add('c', ['3'])
      expect(await records.store.keepDeliveriesOf(['b', 'd'])).toBe(2)
      expect(await takeAll('a')).toEqual([])
      expect(await takeAll('b')).toEqual(['2'])
      await add('b', ['4'])
      expect(await records.store.keepDeliveriesOf([])).toBe(1)
      expect(await takeAll('b')).toEqual([])
    })
  })
}
