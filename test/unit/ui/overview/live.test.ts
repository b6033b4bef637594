import { expect, test } from 'vitest'
import type { FeedEvent } from '../../../../src/ui/api/feed-event.ts'
import {
  barsOf,
  bytesBy,
  forgetBars,
  hear,
  type Live,
  quiet,
} from '../../../../src/ui/overview/live.ts'

const time = '2026-11-22T10:00:10.000Z'
let number = 0
const event = (kind: string, data: object): FeedEvent =>
  ({ kind, id: String(number++), time, data }) as unknown as FeedEvent

const of = { upstream: 'docker.io', repository: 'team/app', digest: 'sha256:a' }
const fetching = (state: string, received = 0, more = {}) =>
  event('fetch', { ...of, state, received, waiting: 1, size: 1_000, ...more })
const transfer = {
  ...of,
  id: 't1',
  image: 'docker.io/team/app:1',
  cache: 'hit',
  startedAt: '2026-11-22T10:00:00.000Z',
  bytes: 500,
  size: 1_000,
  client: '10.0.0.3',
  user: '',
}
const hearAll = (events: readonly FeedEvent[], from: Live = quiet) =>
  events.reduce((live, each, index) => hear(live, each, 1_000 + index * 500), from)

test('a fetch is a bar from its beginning to its end, and as fast as it came lately', () => {
  const live = hearAll([fetching('begun'), fetching('progress', 250)])
  const [bar] = barsOf(live)
  expect(bar).toMatchObject({ image: 'docker.io/team/app', bytes: 250, perSecond: 500 })
  expect(barsOf(hearAll([fetching('ended', 1_000)], live))).toEqual([])
})

test('a bar moves on between what is told of it, but never far, and never past its end', () => {
  const [bar] = barsOf(hearAll([fetching('begun'), fetching('progress', 250)]))
  if (!bar) throw new Error('there is no bar')
  expect(bytesBy(bar, 1_500)).toBe(250)
  expect(bytesBy(bar, 1_700)).toBe(350)
  expect(bytesBy(bar, 60_000)).toBe(850)
  expect(bytesBy({ ...bar, size: 300 }, 60_000)).toBe(300)
})

test('a fetch that failed is told of with its reason', () => {
  const { happened } = hearAll([fetching('begun'), fetching('failed', 10, { error: 'it broke' })])
  expect(happened[0]).toMatchObject({ kind: 'failed', detail: 'it broke' })
})

test('what is fetched and given on at once is one bar, with the image’s tag and its client', () => {
  const live = hearAll([fetching('begun'), event('serving', { transfers: [transfer] })])
  const [bar, ...others] = barsOf(live)
  expect(others).toEqual([])
  expect(bar).toMatchObject({ image: 'docker.io/team/app:1', from: 'docker.io', to: '10.0.0.3' })
})

test('what comes from cache is a bar at the speed it has had so far', () => {
  const live = hearAll([event('serving', { transfers: [transfer] })])
  expect(barsOf(live)).toMatchObject([{ from: 'from cache', perSecond: 50 }])
  expect(barsOf(hearAll([event('serving', { transfers: [] })], live))).toEqual([])
})

test('what isn’t told of any more is forgotten with the stream', () => {
  const live = hearAll([fetching('begun'), event('serving', { transfers: [transfer] })])
  expect(barsOf(forgetBars(live))).toEqual([])
})

test('pulls, pushes, deletes and evictions are listed, the latest first, and not for ever', () => {
  const { happened } = hearAll([
    event('pull', { ...transfer, outcome: 'miss', pulls: 1 }),
    event('push', { repository: 'team/own', tags: ['1', '2'], digest: 'sha256:b' }),
    event('delete', { repository: 'team/own', tags: [], digests: [] }),
    event('evict', {
      reason: 'by hand',
      images: [{ ...of, tags: [], freed: 1 }],
      count: 3,
      freed: 3,
    }),
  ])
  expect(happened.map(({ kind, what, detail }) => [kind, what, detail])).toEqual([
    ['evict', 'docker.io/team/app and 2 more', 'by hand'],
    ['delete', 'team/own', ''],
    ['push', 'team/own:1', 'with 2 tags'],
    ['pull', 'docker.io/team/app:1', 'from upstream, to 10.0.0.3'],
  ])
  const many = Array.from({ length: 100 }, () => event('pull', { ...transfer, outcome: 'hit' }))
  expect(hearAll(many).happened).toHaveLength(30)
})

test('who isn’t told who pulls sees no “undefined”', () => {
  const { client: _client, user: _user, ...anonymous } = transfer
  const live = hearAll([
    event('pull', { ...anonymous, outcome: 'hit', pulls: 1 }),
    event('serving', { transfers: [anonymous] }),
  ])
  expect(live.happened[0]?.detail).toBe('from cache')
  expect(barsOf(live)[0]?.to).toBe('a client')
})
