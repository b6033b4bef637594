import { describe, expect } from 'vitest'
import { answerJson } from '../../support/scripted-answer.ts'
import { requireBearer } from '../../support/scripted-auth.ts'
import {
  cutAfter,
  fail,
  limitedFor,
  redirectTo,
  sendPage,
  swallow,
} from '../../support/scripted-behaviour.ts'
import { challengeWithRealm, endless } from '../../support/scripted-lies.ts'
import { once } from '../../support/scripted-turns.ts'
import type { Behaviour } from '../../support/scripted-upstream.ts'
import { answers, blobs, impatient } from './begin.ts'
import { type Step, testFaults } from './fault-table.ts'
import { testFaultsTwice } from './kept-or-not.ts'
import { refused, stale, whole } from './sight.ts'
import { half, largeBlob, manifest } from './subjects.ts'

const withLogin = {
  settings: { username: 'robot', password: 'top-secret', allowHosts: ['localhost'] },
  hasElsewhere: true,
}

/** From now on all wants a token, and the service for them misbehaves. */
const tokens =
  (behaviour: Behaviour): Step =>
  (lab) => {
    requireBearer(lab.upstream)
    lab.script(/^GET \/token\?/, behaviour)
  }

const realmElsewhere: Step = (lab, wanted) =>
  answers(/ \/v2\//)(challengeWithRealm(`${lab.elsewhere?.otherUrl}/token`))(lab, wanted)

const redirectElsewhere: Step = (lab, wanted) =>
  tokens(redirectTo(`${lab.elsewhere?.otherUrl}/token`))(lab, wanted)

const nothingWasAskedThere: Step = ({ elsewhere }) => expect(elsewhere?.requests).toEqual([])

describe('a token is wanted, and the service that gives them', () => {
  testFaultsTwice(manifest, [
    {
      fault: 'answers 500, once',
      begin: () => tokens(once(fail(500))),
      unkept: [whole, 'GET token, GET token, GET'],
      kept: [whole, 'HEAD, GET token, GET token, HEAD, GET by digest'],
    },
    {
      fault: 'answers 500, each time',
      begin: () => tokens(fail(500)),
      unkept: [refused(503, 'answered 500'), 'GET token, GET token, GET token'],
      kept: [stale('answered 500'), 'HEAD, GET token, GET token, GET token'],
    },
    {
      fault: 'limits requests',
      begin: () => tokens(limitedFor(30)),
      unkept: [{ ...refused(429, 'limits our requests'), retryAfterSeconds: 30 }, 'GET token'],
      kept: [stale('limits our requests'), 'HEAD, GET token'],
    },
    {
      fault: 'gives nothing to the anonymous',
      begin: () => tokens(fail(401)),
      unkept: [refused(403, 'has no anonymous'), 'GET token'],
      kept: [refused(403, 'has no anonymous'), 'HEAD, GET token'],
    },
    {
      fault: 'refuses the login',
      ...withLogin,
      begin: () => tokens(fail(403)),
      unkept: [refused(403, 'refuses the username and password'), 'GET token'],
      kept: [refused(403, 'refuses the username and password'), 'HEAD, GET token'],
    },
    {
      fault: 'is gone (404)',
      begin: () => tokens(fail(404)),
      unkept: [refused(502, 'answered 404 to a token request'), 'GET token'],
      kept: [stale('answered 404 to a token request'), 'HEAD, GET token'],
    },
    {
      fault: 'gives a page for people',
      begin: () => tokens(sendPage),
      unkept: [refused(502, 'without a token'), 'GET token'],
      kept: [stale('without a token'), 'HEAD, GET token'],
    },
    {
      fault: 'gives an answer without end',
      begin: () => tokens(endless),
      unkept: [refused(502, 'token'), 'GET token'],
      kept: [stale('token'), 'HEAD, GET token'],
    },
    {
      fault: 'gives tokens that open nothing',
      begin: () => tokens(() => answerJson({ token: 'useless' })),
      unkept: [refused(403, 'denies access'), 'GET token, GET, GET token, GET'],
      kept: [refused(403, 'denies access'), 'HEAD, GET token, HEAD'],
    },
    {
      fault: 'is silent',
      ...impatient,
      begin: () => tokens(swallow),
      unkept: [{ ...refused(503, 'took too long to answer'), waitsMs: [300, 1_500] }, 'GET token'],
      kept: [{ ...stale('docker.io'), waitsMs: [300, 1_500] }, 'HEAD, GET token'],
    },
    {
      fault: 'redirects to another host, which gets to know nothing',
      ...withLogin,
      begin: () => redirectElsewhere,
      unkept: [refused(502, 'answered 307 to a token request'), 'GET token'],
      kept: [stale('answered 307 to a token request'), 'HEAD, GET token'],
      also: nothingWasAskedThere,
    },
    {
      fault: 'is on another host, which gets to know nothing',
      ...withLogin,
      begin: () => realmElsewhere,
      unkept: [refused(502, "isn't under"), ''],
      kept: [stale("isn't under"), 'HEAD'],
      also: nothingWasAskedThere,
    },
  ])
})

/** No token that was given out before counts any more. */
const breakAndRevoke: Step = (lab, wanted) => {
  const guard = requireBearer(lab.upstream)
  const behaviour: Behaviour = (usual, request) => {
    guard.revoke()
    return cutAfter(half)(usual, request)
  }
  return blobs(once(behaviour))(lab, wanted)
}

describe('a token is wanted for a blob, and', () => {
  testFaults(largeBlob, [
    {
      fault: 'it ends in the middle, with the connection',
      begin: () => breakAndRevoke,
      sees: whole,
      keeps: 'all',
      asked: 'GET token, GET, GET rest, GET token, GET rest',
    },
  ])
})
