import { expect, test } from 'vitest'
import { readVisible } from '../../../src/http/visible-part.ts'

/** The numbers from 1 to `last`, of which some are visible, and what else was done between two reads. */
const read = (
  last: number,
  page: { after?: string; limit: number },
  visible: readonly number[],
) => {
  let turns = 0
  const turn = () => {
    turns++
    timer = setImmediate(turn)
  }
  let timer = setImmediate(turn)
  const turnsBefore: number[] = []
  const found = readVisible(page, {
    read: async ({ after, limit }) => {
      turnsBefore.push(turns)
      const from = Number(after ?? 0) + 1
      const entries = Array.from({ length: Math.min(limit, last + 1 - from) }, (_, at) => from + at)
      return { entries, hasMore: from + limit <= last }
    },
    isVisible: (entry) => visible.includes(entry),
    keyOf: String,
    most: 10,
  })
  return found.then((part) => ({ ...part, turnsBefore })).finally(() => clearImmediate(timer))
}

test('a page has only what is visible, and says whether there is more of it', async () => {
  expect(await read(50, { limit: 2 }, [3, 30, 41])).toMatchObject({
    entries: [3, 30],
    hasMore: true,
  })
  expect(await read(50, { after: '30', limit: 2 }, [3, 30, 41])).toMatchObject({
    entries: [41],
    hasMore: false,
  })
})

test('others are served between two reads of much that is not visible', async () => {
  const { entries, hasMore, turnsBefore } = await read(50, { limit: 1 }, [])
  expect([entries, hasMore]).toEqual([[], false])
  expect(turnsBefore).toHaveLength(50)
  for (const [at, turns] of turnsBefore.slice(1).entries())
    expect(turns).toBeGreaterThan(turnsBefore[at] ?? 0)
})
