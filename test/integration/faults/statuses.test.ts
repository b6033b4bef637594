import { describe, expect } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { fail, limitedFor, setHeaders, trickleBody } from '../../support/scripted-behaviour.ts'
import { once } from '../../support/scripted-turns.ts'
import { answers, impatient, manifests } from './begin.ts'
import { type Step, testFaults } from './fault-table.ts'
import { type TwofoldRow, testFaultsTwice } from './kept-or-not.ts'
import { refused, stale, whole } from './sight.ts'
import { manifest, newTag } from './subjects.ts'

/** Not even for another repository. */
const nothingElseIsAsked: Step = async ({ server, upstream }) => {
  upstream.requests.splice(0)
  const digest = `sha256:${'0'.repeat(64)}`
  for (const what of ['manifests/2', `blobs/${digest}`, 'tags/list', `referrers/${digest}`]) {
    const reply = await ask(server, `/v2/team/other/${what}`)
    expect([429, 503]).toContain(reply.status)
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
  }
  expect(upstream.requests).toEqual([])
}

const failsOnce = (status: number): TwofoldRow => ({
  fault: `${status}, once`,
  begin: () => manifests(once(fail(status))),
  unkept: [whole, 'GET, GET'],
  kept: [whole, 'HEAD, HEAD, GET by digest'],
})

const failsAlways = (status: number): TwofoldRow => ({
  fault: `${status}, each time`,
  begin: () => manifests(fail(status)),
  unkept: [{ ...refused(503, `answered ${status}`), waitsMs: [200, 3_000] }, 'GET, GET, GET'],
  kept: [{ ...stale(`answered ${status}`), waitsMs: [200, 3_000] }, 'HEAD, HEAD, HEAD'],
})

describe('asked for a manifest, the upstream answers', () => {
  testFaultsTwice(manifest, [
    ...[500, 502, 503, 504].map(failsOnce),
    ...[500, 502, 503, 504].map(failsAlways),
    {
      fault: '503 and when to ask again',
      begin: () => manifests(fail(503, { 'retry-after': '30' })),
      unkept: [{ ...refused(503, 'answered 503'), retryAfterSeconds: 30 }, 'GET'],
      kept: [stale('answered 503'), 'HEAD'],
      also: nothingElseIsAsked,
    },
    {
      fault: '503 and to ask again at once, once',
      begin: () => manifests(once(fail(503, { 'retry-after': '0' }))),
      unkept: [whole, 'GET, GET'],
      kept: [whole, 'HEAD, HEAD, GET by digest'],
    },
    {
      fault: '429 and when to ask again',
      begin: () => manifests(limitedFor(30)),
      unkept: [{ ...refused(429, 'limits our requests'), retryAfterSeconds: 30 }, 'GET'],
      kept: [stale('limits our requests'), 'HEAD'],
      also: nothingElseIsAsked,
    },
    {
      fault: '429 and not when to ask again',
      begin: () => manifests(fail(429)),
      unkept: [{ ...refused(429, 'limits our requests'), retryAfterSeconds: 10 }, 'GET'],
      kept: [stale('limits our requests'), 'HEAD'],
      also: nothingElseIsAsked,
    },
    {
      fault: '429 and nonsense about when to ask again',
      begin: () => manifests(fail(429, { 'retry-after': 'soon' })),
      unkept: [{ ...refused(429, 'limits our requests'), retryAfterSeconds: 10 }, 'GET'],
      kept: [stale('limits our requests'), 'HEAD'],
      also: nothingElseIsAsked,
    },
    {
      fault: 'with a head of a megabyte',
      begin: () => manifests(setHeaders({ 'x-head': 'x'.repeat(1_000_000) })),
      unkept: [refused(503, ''), /^GET/],
      kept: [stale(''), /^HEAD/],
    },
    {
      fault: '401 without saying what it wants',
      begin: () => manifests(fail(401)),
      unkept: [refused(403, 'denies access'), 'GET'],
      kept: [refused(403, 'denies access'), 'HEAD'],
    },
    {
      fault: '403',
      begin: () => manifests(fail(403)),
      unkept: [refused(403, 'denies access'), 'GET'],
      kept: [refused(403, 'denies access'), 'HEAD'],
    },
    {
      fault: '404',
      begin: () => manifests(fail(404)),
      unkept: [refused(404, "doesn't have it", 'MANIFEST_UNKNOWN'), 'GET'],
      kept: [refused(404, "doesn't have it", 'MANIFEST_UNKNOWN'), 'HEAD'],
    },
    {
      fault: '405 to HEAD',
      begin: () => answers(/^HEAD /)(fail(405)),
      unkept: [whole, 'GET'],
      kept: [whole, 'HEAD, GET'],
    },
    {
      fault: '204, and so nothing',
      begin: () => manifests(fail(204)),
      unkept: [refused(502, 'answered 204'), 'GET'],
      kept: [stale('answered 204'), 'HEAD'],
    },
    {
      fault: '400',
      begin: () => manifests(fail(400)),
      unkept: [refused(502, 'answered 400'), 'GET'],
      kept: [stale('answered 400'), 'HEAD'],
    },
  ])
})

describe('nobody needs to wait for a body that comes in drops after', () => {
  testFaults(newTag, [
    {
      fault: '404',
      ...impatient,
      begin: () => manifests(fail(404), trickleBody(10)),
      sees: { ...refused(404, "doesn't have it", 'MANIFEST_UNKNOWN'), waitsMs: [0, 2_000] },
      keeps: 'nothing',
      asked: 'GET',
    },
  ])
})
