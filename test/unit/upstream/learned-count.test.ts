import { expect, test } from 'vitest'
import { LearnedCount } from '../../../src/upstream/learned-count.ts'

test('what was learned is known for ten minutes, from the last time on', () => {
  let now = 1_000
  const learned = new LearnedCount(() => now)
  expect(learned.known).toBeUndefined()
  learned.learn({ connections: 2, isFinal: false })
  now += 300_000
  learned.learn({ connections: 4, isFinal: true })
  now += 599_999
  expect(learned.known).toEqual({ connections: 4, isFinal: true })
  now += 1
  expect(learned.known).toBeUndefined()
})
