import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap, type Ranked } from '../../../../bench/eviction/orders/heap.ts'

const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'move', 'remove', 'removeFirst'),
  which: fc.nat(),
  rank: fc.integer({ min: -50, max: 50 }),
})

test('a heap always has the least rank first, whatever is added, moved and removed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<Ranked>()
      const items: Ranked[] = []
      for (const { kind, which, rank } of steps) {
        const item = items[which % Math.max(1, items.length)]
        if (kind === 'add' || item === undefined) {
          const added = { rank, place: 0 }
          items.push(added)
          heap.add(added)
        } else if (kind === 'move') {
          heap.move(item, rank)
        } else {
          const gone = kind === 'remove' ? item : (heap.first() as Ranked)
          heap.remove(gone)
          items.splice(items.indexOf(gone), 1)
        }
        const least = Math.min(...items.map((each) => each.rank))
        expect(heap.first()?.rank ?? Number.POSITIVE_INFINITY).toBe(least)
      }
    }),
  )
})
