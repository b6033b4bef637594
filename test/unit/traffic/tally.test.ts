import { afterEach, expect, test } from 'vitest'
import { TagTurns } from '../../../src/traffic/tag-turns.ts'
import { type Subject, Tally, type TallyRow } from '../../../src/traffic/tally.ts'

const open: Tally[] = []
afterEach(() => {
  for (const tally of open.splice(0)) tally.close()
})

const startTally = (turns: TagTurns) => {
  const told: TallyRow[] = []
  const tally = new Tally({ turns, passOn: ({ rows }) => told.push(...rows) })
  open.push(tally)
  return { tally, told }
}

const asked = (tag: string, client = '10.0.0.1'): Subject => {
  const image = { upstream: 'docker.io', repository: 'library/node', tag }
  return { client, user: '', ...image, outcome: 'hit' }
}

test('what is about the same is one row, until it is told', () => {
  const { tally, told } = startTally(new TagTurns())
  for (const bytes of [1, 2]) tally.rowOf(asked('20')).counters.servedBytes += bytes
  tally.flush()
  tally.rowOf(asked('20')).counters.servedBytes += 4
  tally.flush()
  expect(told.map(({ counters }) => counters.servedBytes)).toEqual([3, 4])
})

test('what is asked for by digest after another tag is a row of its own, in every thread', () => {
  const turns = new TagTurns()
  const one = startTally(turns)
  const other = startTally(new TagTurns(turns.shared))
  one.tally.rowOf(asked('20'))
  const before = other.tally.rowOf(asked(''))
  expect(other.tally.rowOf(asked(''))).toBe(before)
  one.tally.rowOf(asked('20'))
  expect(other.tally.rowOf(asked(''))).toBe(before)
  const others = other.tally.rowOf(asked('', '10.0.0.2'))
  one.tally.rowOf(asked('22'))
  expect(other.tally.rowOf(asked(''))).not.toBe(before)
  expect(other.tally.rowOf(asked('', '10.0.0.2'))).toBe(others)
})
