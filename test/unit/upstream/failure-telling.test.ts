import { expect, test } from 'vitest'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { describeFailure } from '../../../src/upstream/describe-failure.ts'
import { type Failure, FailureTelling } from '../../../src/upstream/failure-telling.ts'
import { UpstreamError, type UpstreamErrorKind } from '../../../src/upstream/upstream-error.ts'

// What came to nothing is told of, unless it says nothing of how upstream does.

const tellOf = (
  error: unknown,
  method: 'GET' | 'HEAD' = 'GET',
  signal = new AbortController().signal,
) => {
  const told: Failure[] = []
  const telling = new FailureTelling({ method, signal }, (failure) => told.push(failure))
  telling.tell(error)
  telling.tell(error)
  return told.length
}
const error = (kind: UpstreamErrorKind, cause?: unknown) =>
  new UpstreamError(dockerHub, kind, 'said so', { cause })
const named = (name: string) => Object.assign(new Error(name), { name })

test.each(['unavailable', 'limited', 'invalid', 'denied'] as const)('%s is told once', (kind) => {
  expect(tellOf(error(kind))).toBe(1)
})

test('what isn’t there is no failure, nor a HEAD that isn’t served', () => {
  expect(tellOf(error('not-found'))).toBe(0)
  expect(tellOf(error('invalid'), 'HEAD')).toBe(0)
  expect(tellOf(error('unavailable'), 'HEAD')).toBe(1)
})

test('who leaves says nothing of upstream, and a deadline that has passed does', () => {
  const left = AbortSignal.abort(named('AbortError'))
  expect(tellOf(error('unavailable'), 'GET', left)).toBe(0)
  expect(tellOf(describeFailure(dockerHub, named('AbortError')))).toBe(0)
  expect(tellOf(error('unavailable'), 'GET', AbortSignal.abort(named('TimeoutError')))).toBe(1)
})

test('what is no word of an upstream is told of elsewhere', () => {
  expect(tellOf(new TypeError('a fault of ours'))).toBe(0)
})
