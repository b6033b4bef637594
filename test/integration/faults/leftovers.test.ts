import { describe } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import {
  cutAfter,
  fail,
  hangUp,
  holdAfter,
  makeGate,
  trickleBody,
} from '../../support/scripted-behaviour.ts'
import { changeTo, ignoreRange } from '../../support/scripted-lies.ts'
import { once } from '../../support/scripted-turns.ts'
import { blobs, leaveAfter, leaveAPart, line, toRanges } from './begin.ts'
import { testFaults } from './fault-table.ts'
import { broken, brokenWrong, refused, whole } from './sight.ts'
import { half, largeBlob, largeSize } from './subjects.ts'

describe('a large blob is pulled, and in the middle', () => {
  testFaults(largeBlob, [
    {
      fault: 'the client leaves',
      begin: () => line((proxy) => proxy.limit(4_000_000)),
      pull: leaveAfter(100_000),
      sees: broken,
      keeps: 'all',
      asked: 'GET',
    },
    {
      fault: 'the client leaves, and the connection ends',
      begin: () => blobs(trickleBody(4_000_000), once(cutAfter(half))),
      pull: leaveAfter(100_000),
      sees: broken,
      keeps: 'all',
      asked: 'GET, GET rest',
    },
    {
      fault: 'our server restarts',
      begin: () => blobs(once(holdAfter(half, makeGate()))),
      pull: leaveAfter(100_000),
      sees: broken,
      keeps: 'a part',
      asked: 'GET',
      also: (lab) => lab.restartServer(),
    },
  ])
})

describe('a large blob was pulled in part, and the next time', () => {
  testFaults(largeBlob, [
    {
      fault: 'the upstream says 416 to a request for the rest',
      begin: () => leaveAPart(toRanges(fail(416))),
      sees: whole,
      keeps: 'all',
      asked: 'GET rest, GET',
    },
    {
      fault: 'the upstream serves no parts any more',
      begin: () => leaveAPart(ignoreRange),
      sees: whole,
      keeps: 'all',
      asked: 'GET rest',
    },
    {
      fault: 'the upstream has it no longer',
      begin: () => leaveAPart(fail(404)),
      sees: refused(404, "doesn't have it", 'BLOB_UNKNOWN'),
      keeps: 'a part',
      asked: 'GET rest',
    },
    {
      fault: 'the upstream is down',
      begin: () => leaveAPart(hangUp),
      sees: refused(503, 'closed the connection'),
      keeps: 'a part',
      asked: 'GET rest, GET rest, GET rest',
    },
    {
      fault: 'the blob is another, of the same size',
      begin: () => leaveAPart(changeTo(makeBytes('other', largeSize))),
      sees: brokenWrong,
      keeps: 'nothing',
      asked: 'GET rest',
    },
  ])
})
