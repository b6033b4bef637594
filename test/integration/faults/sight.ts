import { expect } from 'vitest'
import { digestOf } from '../../support/image-builder.ts'
import { errorOf, type Reply } from '../../support/raw-client.ts'
import type { Wanted } from './subjects.ts'

/** What a client sees. */
export interface Sight {
  readonly status: number
  /** Whether the answer comes to its end as announced. */
  readonly isComplete: boolean
  /** Whether the bytes of a broken body may be wrong. */
  readonly isWrong?: boolean
  readonly cache: 'hit' | 'miss' | 'stale' | 'pass'
  /** The code of an error. */
  readonly code?: string
  /** What the error or the Warning says, besides the upstream's name. */
  readonly says?: string
  /** Retry-After, give or take what the test took. */
  readonly retryAfterSeconds?: number
  /** How long the client waits for the end, at least and at most. */
  readonly waitsMs?: readonly [number, number]
}

const codes: Readonly<Record<number, string>> = {
  403: 'DENIED',
  429: 'TOOMANYREQUESTS',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
}

/** The right content, fetched, and no word of any fault. */
export const whole: Sight = { status: 200, isComplete: true, cache: 'miss' }

/** A body that breaks off, so that nobody takes it for whole. */
export const broken: Sight = { status: 200, isComplete: false, cache: 'miss' }

/** The same, of bytes that were wrong when they came. */
export const brokenWrong: Sight = { ...broken, isWrong: true }

/** What was kept before, with a Warning. */
export const stale = (says: string): Sight => ({ ...whole, cache: 'stale', says })

/** An honest error. */
export const refused = (status: number, says: string, code = codes[status] ?? ''): Sight => ({
  ...{ status, says, code },
  isComplete: true,
  cache: 'miss',
})

export const expectSight = (reply: Reply, sight: Sight, wanted: Wanted): void => {
  const { status, isComplete } = reply
  // The message is compared only to be shown where something else is wrong.
  const message = status === 200 ? '' : reply.body.toString().slice(0, 500)
  const expected = { status: sight.status, isComplete: sight.isComplete, message }
  expect({ status, isComplete, message }).toEqual(expected)
  expect(reply.headers['x-entrepot-cache']).toBe(sight.cache)
  if (status === 200) expectContent(reply, sight, wanted)
  else expectRefusal(reply, sight)
}

const expectContent = (reply: Reply, sight: Sight, { content, kept }: Wanted): void => {
  const { headers, body, isComplete } = reply
  const isStale = sight.cache === 'stale'
  const right = isStale && kept ? kept : content
  // What holds all its bytes would be whole to a client that doesn't look further.
  if (!isComplete) expect(body.length).toBeLessThan(right.length)
  const received = isComplete ? right : right.subarray(0, body.length)
  if (!sight.isWrong) expect(digestOf(body)).toBe(digestOf(received))
  if (!isStale) expect(headers).not.toHaveProperty('warning')
  else expect(headers.warning).toMatch(/^299 - "[^"]*docker\.io [^"]*"$/)
  expect(headers.warning ?? '').toContain(sight.says ?? '')
}

const expectRefusal = (reply: Reply, { code, says = '', retryAfterSeconds }: Sight): void => {
  const error = errorOf(reply)
  expect(error.code).toBe(code)
  expect(error.message).toContain('docker.io')
  expect(error.message).toContain(says)
  // A challenge would make dockerd send its Docker Hub credentials to us.
  expect(reply.headers).not.toHaveProperty('www-authenticate')
  const seconds = Number(reply.headers['retry-after'] ?? 0)
  expect(seconds).toBeLessThanOrEqual(retryAfterSeconds ?? 0)
  expect(seconds).toBeGreaterThanOrEqual((retryAfterSeconds ?? 0) * 0.9)
}
