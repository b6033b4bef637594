import { describe } from 'vitest'
import { cutAfter, fail, limitedFor, sendPage } from '../../support/scripted-behaviour.ts'
import { endless } from '../../support/scripted-lies.ts'
import { answers } from './begin.ts'
import { testFaultsTwice } from './kept-or-not.ts'
import { refused, stale } from './sight.ts'
import { referrerList } from './subjects.ts'

const lists = answers(/\/referrers\//)

describe('a list of referrers', () => {
  testFaultsTwice(referrerList, [
    {
      fault: 'has a body without end',
      begin: () => lists(endless),
      unkept: [refused(502, 'more than 33554432 bytes'), 'GET'],
      kept: [stale('more than 33554432 bytes'), 'GET'],
    },
    {
      fault: 'is a page for people, with 200',
      begin: () => lists(sendPage),
      unkept: [refused(502, 'no list of manifests'), 'GET'],
      kept: [stale('no list of manifests'), 'GET'],
    },
    {
      fault: 'breaks off, each time',
      begin: () => lists(cutAfter(10)),
      unkept: [refused(503, 'closed the connection'), 'GET, GET, GET'],
      kept: [stale('closed the connection'), 'GET, GET, GET'],
    },
    {
      fault: 'is refused with 429',
      begin: () => lists(limitedFor(30)),
      unkept: [{ ...refused(429, 'limits our requests'), retryAfterSeconds: 30 }, 'GET'],
      kept: [stale('limits our requests'), 'GET'],
    },
    {
      fault: 'is unknown to the registry, so that clients look for the fallback tag',
      begin: () => lists(fail(404)),
      unkept: [refused(404, "doesn't have it", 'MANIFEST_UNKNOWN'), 'GET'],
      kept: [refused(404, "doesn't have it", 'MANIFEST_UNKNOWN'), 'GET'],
    },
  ])
})
