import { expect, test } from 'vitest'
import type { AccountBudgetAnswer, ForecastAnswer } from '../../../src/answers/budget.ts'
import { describeBudget } from '../../../src/commands/budget-output.ts'
import { describeForecast, formatSpan } from '../../../src/commands/budget-words.ts'
import { formatSparkline } from '../../../src/commands/sparkline.ts'

const minuteMs = 60_000
/** Of the clock on the wall, wherever the test runs. */
const now = new Date(2026, 10, 22, 17, 30).getTime()
const iso = (minutes: number) => new Date(now + minutes * minuteMs).toISOString()

test.each<[ForecastAnswer | undefined, string]>([
  [undefined, '-'],
  [{ state: 'enough', pullsPerHour: 0 }, 'enough, nothing was pulled of late'],
  [{ state: 'enough', pullsPerHour: 1 }, 'enough, at 1 pull an hour'],
  [{ state: 'enough', pullsPerHour: 3.5 }, 'enough, at 3.5 pulls an hour'],
  [
    { state: 'running-out', pullsPerHour: 35.6, usedUpAt: iso(130) },
    'used up in about 2 h 10 min (19:40), at 36 pulls an hour',
  ],
  [
    { state: 'running-out', pullsPerHour: 2, usedUpAt: iso(3 * 1440) },
    'used up in about 72 h (2026-11-25 17:30), at 2 pulls an hour',
  ],
  [
    { state: 'used-up', pullsPerHour: 12, backBy: iso(225) },
    'used up; first pulls come back by about 21:15',
  ],
  [{ state: 'used-up', pullsPerHour: 0 }, 'used up'],
])('a forecast is told in words: %j', (forecast, expected) => {
  expect(describeForecast(forecast, now)).toBe(expected)
})

test.each([
  [10_000, '1 min'],
  [15 * minuteMs, '15 min'],
  [38 * minuteMs, '40 min'],
  [59 * minuteMs, '1 h'],
  [360 * minuteMs, '6 h'],
])('%i ms are %s', (ms, expected) => {
  expect(formatSpan(ms)).toBe(expected)
})

test('a line of bars shows the lowest of each column, and where nothing is known', () => {
  const span = { from: 0, to: 100, columns: 5 }
  const points = [
    { at: 0, share: 1 },
    { at: 21, share: 0.5 },
    { at: 39, share: 0.9 },
    { at: 60, share: 0 },
    { at: 100, share: 2 },
    { at: 101, share: 0 },
  ]
  expect(formatSparkline(points, span)).toBe('█▅·▁█')
})

const account: AccountBudgetAnswer = {
  account: '192.0.2.7',
  limit: 100,
  remaining: 24,
  windowSeconds: 21_600,
  heardAt: iso(-3),
  forecast: { state: 'running-out', pullsPerHour: 11, usedUpAt: iso(130) },
  samples: [
    { at: iso(-60), limit: 100, remaining: 60, lowest: 50 },
    { at: iso(-5), limit: 100, remaining: 24, lowest: 24 },
  ],
}
const users = {
  since: iso(-390),
  clients: [{ client: '10.0.0.9', pulls: 70 }],
  images: [{ image: 'docker.io/library/node:20', pulls: 12 }],
}
const upstream = { name: 'docker.io', accounts: [account], users }

test('what is left, how long it lasts and who used it is a table each', () => {
  const text = describeBudget({ upstreams: [upstream] }, { now, isTerminal: false })
  expect(text).toBe(`docker.io
  ACCOUNT    REMAINING  IN   HEARD          FORECAST
  192.0.2.7  24 of 100  6 h  3 minutes ago  used up in about 2 h 10 min (19:40), at 11 pulls an hour

  CLIENT    PULLS SINCE 11:00
  10.0.0.9  70

  IMAGE                      PULLS SINCE 11:00
  docker.io/library/node:20  12
`)
})

test('a terminal shows the last day too', () => {
  const nobody = { since: users.since, images: [] }
  const unused = { ...upstream, users: nobody }
  const text = describeBudget({ upstreams: [unused] }, { now, isTerminal: true })
  expect(text).toContain(`\n  ${'·'.repeat(46)}▅▂  remaining in the last 24 h, 192.0.2.7\n`)
  expect(text).not.toContain('PULLS')
})

test('what an account is called does not command the terminal', () => {
  const evil = { ...account, account: 'a\u001b[2Jb\nc' }
  const text = describeBudget(
    { upstreams: [{ ...upstream, accounts: [evil] }] },
    { now, isTerminal: true },
  )
  expect(text).toContain('a [2Jb c')
})

test('where nothing was heard it says what to do', () => {
  const text = describeBudget({ upstreams: [] }, { now, isTerminal: true })
  expect(text).toContain('No upstream has said anything')
  expect(text).toContain('pull one of its images')
})
