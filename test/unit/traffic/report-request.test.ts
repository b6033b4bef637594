import { expect, test } from 'vitest'
import { readReportRequest } from '../../../src/traffic/report-request.ts'

const now = Date.parse('2026-11-22T12:30:00Z')
const findImage = (kind: string, name: string) => ({ repository: [`${kind} ${name}`] })
const read = (query: string) => readReportRequest(new URLSearchParams(query), { now, findImage })
const dayMs = 86_400_000

test('without anything it is by image, of the last seven days, with all rows', () => {
  expect(read('')).toEqual({
    by: ['image'],
    since: now - 7 * dayMs,
    until: now,
    where: {},
    top: 10_000,
  })
})

test.each([
  ['since=12h', now - dayMs / 2],
  ['since=2026-11-01', Date.parse('2026-11-01T00:00:00Z')],
  ['since=2026-11-22T08:15', Date.parse('2026-11-22T08:15:00Z')],
  ['since=2026-11-22T08:15Z', Date.parse('2026-11-22T08:15:00Z')],
  ['since=2026-11-22T08:15%2B02:00', Date.parse('2026-11-22T06:15:00Z')],
  ['since=1790000000000', 1_790_000_000_000],
])('%s is a time', (query, wanted) => {
  expect(read(`${query}&until=2027-01-01`).since).toBe(wanted)
})

test('dimensions and filters are taken as they are named, and status is the old word for outcome', () => {
  const { by, where, top } = read(
    'by=client, status,day,client&top=5&client=ci&client=10.0.0.1&user=anonymous&outcome=miss&image=node:20',
  )
  expect(by).toEqual(['client', 'outcome', 'day'])
  expect(top).toBe(5)
  expect(where).toEqual({
    client: ['ci', '10.0.0.1'],
    user: ['anonymous', ''],
    outcome: ['miss'],
    repository: ['image node:20'],
  })
})

test.each([
  ['by=colour', 'by="colour": wanted one or more of client, user'],
  ['by=', 'by=""'],
  ['by=hour,day', 'wanted one of them'],
  ['since=soon', 'since="soon" is no time: wanted how long ago, such as 7d'],
  ['since=2026-13-01', 'since="2026-13-01" is no time'],
  ['since=7', 'since="7" is no time'],
  ['since=1h&until=2h', 'wanted since before until'],
  ['top=-1', 'top="-1": wanted how many rows, 1 to 10000, or 0 for all'],
  ['top=10001', 'wanted how many'],
  ['outcome=ok', 'outcome="ok": wanted one of hit, miss'],
  ['clients=ci', 'a report takes no "clients": wanted some of by, since'],
  ['client=', 'client= is empty: wanted a name'],
  ['until=', 'until="" is no time'],
  ['by=day&by=hour', 'by= is there more than once'],
  ['image=a&repository=b', 'wanted one of image=, repository= and upstream='],
  ['image=a&upstream=quay.io', 'wanted one of image=, repository= and upstream='],
  [`${'client=a&'.repeat(101)}`, 'client= is there 101 times: wanted at most 100'],
])('%s is refused', (query, says) => {
  const error = expect.objectContaining({ status: 400, message: expect.stringContaining(says) })
  expect(() => read(query)).toThrow(error)
})
