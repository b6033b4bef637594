import { describe, expect, test } from 'vitest'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'
import { checkStatus } from '../../../src/upstream/check-status.ts'

const upstream = 'ghcr.io' as UpstreamName

function check(status: number, retryAfter?: string): void {
  const header = (name: string) => (name === 'retry-after' ? retryAfter : undefined)
  checkStatus(upstream, { status, header })
}

test.each([200, 206])('%i is an answer', (status) => {
  expect(() => check(status)).not.toThrow()
})

describe('upstream says no', () => {
  test.each([
    ['it does not have it', 404, 'not-found', "ghcr.io doesn't have it (404)"],
    ['it wants a login', 401, 'denied', 'ghcr.io denies access'],
    ['it wants another login', 403, 'denied', 'ghcr.io denies access'],
  ])('%s', (_rule, status, kind, message) => {
    expect(() => check(status)).toThrow(message)
    expect(() => check(status)).toThrow(
      expect.objectContaining({ kind, status, upstream, isTemporary: false }),
    )
  })
})

describe('upstream cannot say', () => {
  test.each([
    ['it is asked too often', 429, 'limited', 'ghcr.io limits our requests'],
    ['it failed', 500, 'unavailable', 'ghcr.io answered 500'],
    ['what stands before it failed', 502, 'unavailable', 'ghcr.io answered 502'],
    ['it is overloaded', 503, 'unavailable', 'ghcr.io answered 503'],
    ['its status is not known', 599, 'unavailable', 'ghcr.io answered 599'],
    ['it did not understand', 400, 'invalid', 'ghcr.io answered 400'],
    ['it does not know the method', 405, 'invalid', 'ghcr.io answered 405'],
    ['it sends nothing', 204, 'invalid', 'ghcr.io answered 204'],
    ['it says that nothing changed, which nobody asked', 304, 'invalid', 'ghcr.io answered 304'],
  ])('%s', (_rule, status, kind, message) => {
    expect(() => check(status)).toThrow(message)
    expect(() => check(status)).toThrow(
      expect.objectContaining({ kind, status, upstream, isTemporary: true }),
    )
  })
})

describe('Retry-After', () => {
  test.each([
    ['is a number of seconds', '120', 120],
    ['says nothing with 0', '0', undefined],
    ['is at most a day', '999999999', 86_400],
    ['says nothing with a date that has passed', 'Wed, 21 Oct 2015 07:28:00 GMT', undefined],
    ['may be a date far away', 'Tue, 01 Jan 2999 00:00:00 GMT', 86_400],
    ['is not a word', 'soon', undefined],
    ['may be empty', '', undefined],
    ['may be missing', undefined, undefined],
  ])('%s', (_rule, header, retryAfterSeconds) => {
    expect(() => check(429, header)).toThrow(expect.objectContaining({ retryAfterSeconds }))
    expect(() => check(503, header)).toThrow(expect.objectContaining({ retryAfterSeconds }))
  })
})
