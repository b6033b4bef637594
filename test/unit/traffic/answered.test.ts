import { expect, test } from 'vitest'
import { countAnswer, outcomeOf } from '../../../src/traffic/answered.ts'
import { noCounts } from '../../../src/traffic/tally.ts'

test.each([
  [200, 'hit', 'hit'],
  [206, 'miss', 'miss'],
  [304, 'stale', 'stale'],
  [200, 'hosted', 'hosted'],
  [undefined, undefined, 'miss'],
  [403, 'miss', 'denied'],
  [404, 'hosted', 'not-found'],
  [416, 'hit', 'refused'],
  [429, 'miss', 'limited'],
  [500, 'miss', 'failed'],
  [502, 'miss', 'unavailable'],
  [503, 'miss', 'unavailable'],
])('an answer of %s from %s counts as %s', (status, cache, outcome) => {
  expect(outcomeOf(status, { cache, isLoggingIn: false })).toBe(outcome)
})

test('who has yet to log in asks once in vain, which isn’t counted', () => {
  expect(outcomeOf(401, { cache: 'miss', isLoggingIn: true })).toBeUndefined()
  expect(outcomeOf(401, { cache: 'miss', isLoggingIn: false })).toBe('denied')
})

test('an image is pulled by a whole answer only', () => {
  const counters = noCounts()
  countAnswer(counters, { kind: 'tag', isPull: true, ms: 4, isBroken: false })
  countAnswer(counters, { kind: 'digest', isPull: true, ms: 26, isBroken: true })
  countAnswer(counters, { kind: 'blob', isPull: false, ms: 61_000, isBroken: false })
  expect(counters).toEqual({
    ...noCounts(),
    tagRequests: 1,
    digestRequests: 1,
    blobRequests: 1,
    pulls: 1,
    broken: 1,
    blobMs: 61_000,
    took0: 1,
    took2: 1,
    took7: 1,
    tookMs: 61_030,
  })
})
