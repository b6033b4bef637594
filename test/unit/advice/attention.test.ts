import { expect, test } from 'vitest'
import {
  attendToConfiguration,
  attendToDamage,
  attendToOffline,
  attendToOthers,
  attendToUpstream,
  inOrder,
} from '../../../src/advice/attention.ts'
import type { UrlState } from '../../../src/upstream/upstream-state.ts'

const hub = (...urls: readonly UrlState[]) =>
  ({ name: 'docker.io', offline: false, blobs: { underWay: 0, waiting: 0 }, urls }) as never

const login = { configured: false, tokens: 0 }
const up: UrlState = { url: 'https://b', state: 'up', login }
const down: UrlState = {
  url: 'https://a',
  state: 'down',
  reason: 'refused',
  forSeconds: 60,
  login,
}
const limited: UrlState = {
  ...down,
  state: 'limited',
  reason: 'docker.io says 429',
  retryAfterSeconds: 30,
}

test.each([
  ['which answers', hub(up), undefined, undefined],
  ['which is down', hub(down), 'error', 'docker.io: refused.'],
  ['of which one address is down', hub(down, up), 'warning', 'docker.io: refused, at https://a.'],
  ['which asks to wait', hub(limited), 'warning', "docker.io says 429; it isn't asked for 30 s."],
])('an upstream %s', (_what, upstream, severity, what) => {
  const found = attendToUpstream(upstream, 120_000)
  expect(found?.severity).toBe(severity)
  expect(found?.what).toBe(what)
  if (found) expect(found.since).toBe('1970-01-01T00:01:00.000Z')
})

test('a refused configuration is named without its folder, and with some of its problems', () => {
  const problems = ['a', 'b', 'c', 'd', 'e']
  const { what } = attendToConfiguration({ file: '/home/me/mirrors.yaml', problems }, 0)
  expect(what).toContain('changed mirrors.yaml was refused')
  expect(what).toContain('wrong at a, b, c and 2 more')
})

test('damage says what needs it, and what became of it', () => {
  const found = { what: 'sha256:a', finding: 'empty', isHealed: false, isByHand: false, at: 0 }
  const lost = { ...found, outcome: 'LOST', images: ['team/app:1'] }
  expect(attendToDamage(lost).what).toBe('sha256:a is damaged: empty; LOST. team/app:1 needs it.')
  const untried = { ...found, outcome: undefined, images: [] }
  expect(attendToDamage(untried).what).toBe(
    'sha256:a is damaged: empty; nothing was done about it.',
  )
  expect(attendToOthers([])).toEqual([])
  expect(attendToOthers([lost, lost])[0]?.what).toMatch(/^2 more .* Space has the list/)
})

test('who said that nobody is asked says how to end it', () => {
  const [byFile, byHand] = [true, false].map((isConfigured) =>
    attendToOffline({ isOffline: true, isConfigured }, 0),
  )
  expect(byFile?.advice).toContain('mirrors.yaml')
  expect(byHand?.advice).toContain('under Upstreams')
})

test('errors come before warnings, and what lasts longest before what is new', () => {
  const at = (severity: 'error' | 'warning', since: string) =>
    ({ kind: 'offline', severity, what: since, advice: '', since }) as const
  const sorted = inOrder([at('warning', '1'), at('error', '3'), at('error', '2')])
  expect(sorted.map(({ since }) => since)).toEqual(['2', '3', '1'])
})
