import { expect, test } from 'vitest'
import type { UpstreamHistory } from '../../../src/answers/upstreams.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { healthOf, toCells, type UrlState } from '../../../src/ui/upstreams/upstream-health.ts'

const now = Date.UTC(2026, 10, 22, 12)
const login = { configured: false, tokens: 0 }
const up: UrlState = { url: 'https://one.example', state: 'up', login }
const down: UrlState = { ...up, state: 'down', reason: 'it closed the connection' }
const limited: UrlState = { ...up, state: 'limited', reason: 'it said 429' }
const state = (offline: boolean, ...urls: readonly UrlState[]) => {
  return { name: dockerHub, offline, blobs: { underWay: 0, waiting: 0 }, urls }
}
const slot = (at: number, others = {}) => {
  const failures = { limited: 0, unavailable: 0, invalid: 0, denied: 0 }
  const none = { failed: 0, failures, bytes: 0, downSeconds: 0, limitedSeconds: 0 }
  return { at: new Date(at).toISOString(), requests: 1, ...none, ...others }
}
const history = (...slots: readonly ReturnType<typeof slot>[]): UpstreamHistory => {
  const { at: _, ...totals } = slot(0)
  return { name: dockerHub, totals, urls: [{ url: up.url, slots }] }
}

test.each([
  ['OK', state(false, up), undefined],
  ['offline', state(true, down), undefined],
  ['down', state(false, down), undefined],
  ['down', state(false, down, limited), undefined],
  ['limited', state(false, limited), undefined],
  ['partly down', state(false, up, down), undefined],
  ['slow', state(false, up), history(slot(now - 60_000, { p50Ms: 3_000 }))],
  ['OK', state(false, up), history(slot(now - 7_200_000, { p50Ms: 3_000 }))],
])('an upstream is %s', (word, upstream, known) => {
  expect(healthOf(upstream, known, now).word).toBe(word)
})

test('a day’s cells are there, asked or not, and the worst counts', () => {
  const slotMs = 1_800_000
  const since = now - 4 * slotMs
  const known = history(
    slot(since),
    slot(since + slotMs, { failed: 1 }),
    slot(since + 2 * slotMs, { failed: 1, downSeconds: 9 }),
  )
  const cells = toCells(known, { since, until: now, slotMs })
  expect(cells.map(({ look }) => look)).toEqual(['ok', 'failed', 'down', 'none'])
})
