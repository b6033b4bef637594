import { expect, test } from 'vitest'
import { AskedTags } from '../../../src/traffic/asked-tags.ts'
import { noCounts } from '../../../src/traffic/tally.ts'

const asker = { client: '10.0.0.1', user: '', upstream: 'docker.io', repository: 'library/node' }

function noteAll(asked: readonly (readonly [tag: string, at: number])[]): AskedTags {
  const tags = new AskedTags()
  for (const [tag, countedAt] of asked)
    tags.note({ ...asker, tag, countedAt, outcome: 'hit', counters: noCounts() })
  return tags
}

const tagAt = (tags: AskedTags, at: number) => tags.tagOf({ ...asker, tag: '' }, at)

test.each([
  [
    'what is asked for by digest is of the tag before it',
    [
      ['20', 1],
      ['22', 5],
    ],
    3,
    '20',
  ],
  [
    'and of the next one after that',
    [
      ['20', 1],
      ['22', 5],
    ],
    6,
    '22',
  ],
  [
    'threads tell of it in any order',
    [
      ['22', 5],
      ['20', 1],
    ],
    3,
    '20',
  ],
  [
    'a tag that was asked for again counts from then on',
    [
      ['20', 1],
      ['22', 3],
      ['20', 5],
    ],
    6,
    '20',
  ],
  ['a tag that is counted just after its first blob is its tag', [['20', 4]], 3, '20'],
  ['who asked for no tag has none', [], 3, ''],
] as const)('%s', (_, asked, at, tag) => {
  expect(tagAt(noteAll(asked), at)).toBe(tag)
})

test('another client has tags of its own', () => {
  const tags = noteAll([['20', 1]])
  expect(tags.tagOf({ ...asker, client: '10.0.0.2', tag: '' }, 3)).toBe('')
})

test('of one client only the last tags are remembered', () => {
  const tags = noteAll(Array.from({ length: 20 }, (_, at) => [String(at), at]))
  expect(tagAt(tags, 19)).toBe('19')
  expect(tagAt(tags, 3)).toBe('12')
})
