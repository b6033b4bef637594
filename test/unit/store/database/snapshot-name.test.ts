import { expect, test } from 'vitest'
import {
  formatSnapshotName,
  parseSnapshotName,
  sortSnapshots,
} from '../../../../src/store/database/snapshot-name.ts'

const takenAt = Date.parse('2026-11-22T03:00:05Z')
const file = 'entrepot-0004-2026-11-22T03-00-05Z.db'

test('a name tells the version and the time, and is read again', () => {
  expect(formatSnapshotName(4, takenAt + 999)).toBe(file)
  expect(parseSnapshotName(file)).toEqual({ file, version: 4, takenAt })
})

test.each([
  ['one that is being written', `${file}.partial`],
  ['what lies beside one', `${file}-journal`],
  ['another database', 'entrepot.db'],
  ['a time that there is not', 'entrepot-0004-2026-13-22T03-00-05Z.db'],
  ['a path', `../${file}`],
])('%s is no snapshot', (_what, name) => {
  expect(parseSnapshotName(name)).toBeUndefined()
})

test('the newest is the first, and what was taken in the future counts as the oldest', () => {
  const named = (time: string) => ({ file: time, version: 4, takenAt: Date.parse(time) })
  const [old, recent, future, later] = [
    '2026-11-20T00:00:00Z',
    '2026-11-21T00:00:00Z',
    '2027-01-01T00:00:00Z',
    '2027-01-02T00:00:00Z',
  ].map(named)
  if (!old || !recent || !future || !later) throw new Error('four were made')
  expect(sortSnapshots([future, old, later, recent], takenAt)).toEqual([recent, old, later, future])
})
