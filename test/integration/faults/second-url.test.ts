import { describe } from 'vitest'
import {
  cutAfter,
  fail,
  hangUp,
  holdAfter,
  limitedFor,
  makeGate,
  swallow,
} from '../../support/scripted-behaviour.ts'
import { once } from '../../support/scripted-turns.ts'
import { blobs, impatient, line, toRanges } from './begin.ts'
import { testFaultsOfFirst } from './fault-table.ts'
import { refused, whole } from './sight.ts'
import { half, largeBlob } from './subjects.ts'

describe('a large blob is pulled from an upstream with two URLs, and the first', () => {
  testFaultsOfFirst(largeBlob, [
    {
      fault: 'refuses connections',
      begin: () => line((proxy) => proxy.refuse()),
      sees: whole,
      keeps: 'all',
      asked: '',
      askedSecond: 'GET',
    },
    {
      fault: "refuses connections, and the second doesn't have it, which is no word of the first",
      begin: () => async (lab, wanted) => {
        lab.second?.repository('team/app').blobs.clear()
        await line((proxy) => proxy.refuse())(lab, wanted)
      },
      sees: refused(503, 'refuses connections'),
      keeps: 'nothing',
      asked: '',
      askedSecond: /^GET/,
    },
    {
      fault: 'swallows what it is sent',
      ...impatient,
      begin: () => line((proxy) => proxy.swallow()),
      sees: { ...whole, waitsMs: [300, 2_000] },
      keeps: 'all',
      asked: '',
      askedSecond: 'GET',
    },
    {
      fault: 'says 500',
      begin: () => blobs(fail(500)),
      sees: whole,
      keeps: 'all',
      asked: 'GET',
      askedSecond: 'GET',
    },
    {
      fault: 'limits requests',
      begin: () => blobs(limitedFor(30)),
      sees: whole,
      keeps: 'all',
      asked: 'GET',
      askedSecond: 'GET',
    },
    {
      fault: 'says 404, which is believed',
      begin: () => blobs(fail(404)),
      sees: refused(404, "doesn't have it", 'BLOB_UNKNOWN'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'breaks in the middle and is gone',
      begin: () => blobs(once(cutAfter(half)), toRanges(hangUp)),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      askedSecond: 'GET rest',
    },
    {
      fault: 'stalls in the middle and is silent',
      ...impatient,
      begin: () => blobs(once(holdAfter(half, makeGate())), toRanges(swallow)),
      sees: { ...whole, waitsMs: [600, 4_000] },
      keeps: 'all',
      asked: 'GET, GET rest',
      askedSecond: 'GET rest',
    },
    {
      fault: 'breaks in the middle and says 416',
      begin: () => blobs(once(cutAfter(half)), toRanges(fail(416))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      askedSecond: 'GET rest',
    },
    {
      fault: "breaks in the middle, twice, and the second doesn't have it",
      begin: () => (lab, wanted) => {
        lab.second?.repository('team/app').blobs.clear()
        return blobs(once(cutAfter(half)), toRanges(once(hangUp)))(lab, wanted)
      },
      sees: whole,
      keeps: 'all',
      asked: /^GET(, GET rest){2,3}$/,
      askedSecond: /^GET rest/,
    },
    {
      fault: 'breaks off after each 100 bytes',
      begin: () => blobs(cutAfter(100)),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      askedSecond: 'GET rest',
    },
  ])
})
