import { describe } from 'vitest'
import { answerJson } from '../../support/scripted-answer.ts'
import {
  cutAfter,
  fail,
  limitedFor,
  sendPage,
  setHeaders,
  swallow,
} from '../../support/scripted-behaviour.ts'
import { withHeaders } from '../../support/scripted-exchange.ts'
import { endless } from '../../support/scripted-lies.ts'
import type { Behaviour } from '../../support/scripted-upstream.ts'
import { answers, impatient, line } from './begin.ts'
import { testFaults } from './fault-table.ts'
import { testFaultsTwice } from './kept-or-not.ts'
import { refused, stale } from './sight.ts'
import { newTags, pulledTag, tagList } from './subjects.ts'

const lists = answers(/\/tags\/list/)
const secondPages = answers(/\/tags\/list\?last=3/)

/** Each page leads to another that wasn't seen before. */
const pageAfterPage: Behaviour = (usual, { url }) => {
  const next = Number(/\d+$/.exec(url)) + 1
  return withHeaders(usual, { link: `</v2/team/app/tags/list?page=${next}>; rel="next"` })
}

const nextAt = (url: string) => setHeaders({ link: `<${url}>; rel="next"` })

describe('a tag list', () => {
  testFaultsTwice(tagList, [
    {
      fault: 'has a page that comes after itself',
      begin: () => lists(nextAt('/v2/team/app/tags/list?n=1000')),
      unkept: [refused(502, 'a list without end'), 'GET'],
      kept: [stale('a list without end'), 'GET'],
    },
    {
      fault: 'has a body without end',
      begin: () => lists(endless),
      unkept: [refused(502, 'more than 33554432 bytes'), 'GET'],
      kept: [stale('more than 33554432 bytes'), 'GET'],
    },
    {
      fault: 'goes on at another host',
      begin: () => lists(nextAt('http://localhost/v2/team/app/tags/list?n=1000')),
      unkept: [refused(502, 'another host'), 'GET'],
      kept: [stale('another host'), 'GET'],
    },
    {
      fault: "says in a way that can't be read where it goes on",
      begin: () => lists(setHeaders({ link: 'next: page 2' })),
      unkept: [refused(502, 'Link'), 'GET'],
      kept: [stale('Link'), 'GET'],
    },
    {
      fault: 'is a page for people, with 200',
      begin: () => lists(sendPage),
      unkept: [refused(502, 'no list of tags'), 'GET'],
      kept: [stale('no list of tags'), 'GET'],
    },
    {
      fault: 'has no tags where they belong',
      begin: () => lists(() => answerJson({ name: 'team/app', tags: 'none' })),
      unkept: [refused(502, 'no list of tags'), 'GET'],
      kept: [stale('no list of tags'), 'GET'],
    },
    {
      fault: 'breaks off in its second page, each time',
      begin: () => secondPages(cutAfter(10)),
      unkept: [refused(503, 'closed the connection'), 'GET, GET, GET, GET, GET, GET'],
      kept: [stale('closed the connection'), 'GET, GET, GET, GET, GET, GET'],
    },
    {
      fault: 'is refused with 500',
      begin: () => lists(fail(500)),
      unkept: [refused(503, 'answered 500'), 'GET, GET, GET'],
      kept: [stale('answered 500'), 'GET, GET, GET'],
    },
    {
      fault: 'is refused with 429',
      begin: () => lists(limitedFor(30)),
      unkept: [{ ...refused(429, 'limits our requests'), retryAfterSeconds: 30 }, 'GET'],
      kept: [stale('limits our requests'), 'GET'],
    },
    {
      fault: 'is asked of a dead upstream',
      begin: () => line((proxy) => proxy.refuse()),
      unkept: [refused(503, 'refuses connections'), ''],
      kept: [stale('refuses connections'), ''],
    },
    {
      fault: 'never comes',
      ...impatient,
      begin: () => lists(swallow),
      unkept: [{ ...refused(503, 'took too long to answer'), waitsMs: [300, 1_500] }, 'GET'],
      kept: [{ ...stale('docker.io'), waitsMs: [300, 1_500] }, 'GET'],
    },
  ])
})

describe('a tag list that nobody asked for yet', () => {
  testFaults(newTags, [
    {
      fault: 'has page after page without end',
      begin: () => lists(pageAfterPage),
      sees: refused(502, 'a list without end'),
      keeps: 'nothing',
      asked: /^GET(, GET){999}$/,
    },
  ])
})

describe('a tag list of a repository of which only a tag was pulled', () => {
  testFaults(pulledTag, [
    {
      fault: 'is asked of a dead upstream',
      begin: () => line((proxy) => proxy.refuse()),
      sees: stale('only what was pulled is listed'),
      keeps: 'nothing',
      asked: '',
    },
    {
      fault: 'comes as a page for people: what was pulled would pass for the whole',
      begin: () => lists(sendPage),
      sees: refused(502, 'no list of tags'),
      keeps: 'nothing',
      asked: 'GET',
    },
  ])
})
