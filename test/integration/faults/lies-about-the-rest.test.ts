import { describe } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import { cutAfter, fail, limitedFor, setHeaders } from '../../support/scripted-behaviour.ts'
import { changeTo, ignoreRange, truncateTo } from '../../support/scripted-lies.ts'
import { once } from '../../support/scripted-turns.ts'
import type { Behaviour } from '../../support/scripted-upstream.ts'
import { blobs, impatient, toRanges } from './begin.ts'
import { testFaults } from './fault-table.ts'
import { broken, brokenWrong, whole } from './sight.ts'
import { half, largeBlob, largeSize } from './subjects.ts'

const sameSize = changeTo(makeBytes('other', largeSize))
const larger = changeTo(makeBytes('other', 2 * largeSize))
const otherPart = setHeaders({ 'content-range': `bytes 0-9/${largeSize}` })

/** The first answer breaks off in the middle; then come those to requests for the rest. */
const thenRest = (lie: Behaviour) => blobs(once(cutAfter(half)), toRanges(lie))

describe('a large blob breaks off in the middle, and of the rest', () => {
  testFaults(largeBlob, [
    {
      fault: 'all comes again from the beginning',
      begin: () => thenRest(ignoreRange),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
    },
    {
      fault: 'all comes again from the beginning and breaks off in the middle, each time',
      ...impatient,
      begin: () => blobs(ignoreRange, cutAfter(half)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){2,4}$/,
    },
    {
      fault: 'another part comes, once',
      begin: () => thenRest(once(otherPart)),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest, GET rest',
    },
    {
      fault: 'another part comes, each time',
      begin: () => thenRest(otherPart),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,3}$/,
    },
    {
      fault: 'the upstream says 416',
      begin: () => thenRest(fail(416)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,3}$/,
    },
    {
      fault: 'the upstream says 404',
      begin: () => thenRest(fail(404)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,3}$/,
    },
    {
      fault: 'the upstream says 500, once',
      begin: () => thenRest(once(fail(500))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest, GET rest',
    },
    {
      fault: 'the upstream limits requests for a second',
      begin: () => thenRest(once(limitedFor(1))),
      sees: { ...whole, waitsMs: [900, 4_000] },
      keeps: 'all',
      asked: 'GET, GET rest, GET rest',
    },
    {
      fault: 'the upstream limits requests, and says to ask again at once',
      ...impatient,
      begin: () => thenRest(limitedFor(0)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,8}$/,
    },
    {
      fault: 'the upstream limits requests for longer than anybody waits',
      ...impatient,
      begin: () => thenRest(limitedFor(30)),
      sees: { ...broken, waitsMs: [0, 1_000] },
      keeps: 'a part',
      asked: 'GET, GET rest',
    },
    {
      fault: 'the blob is larger now',
      begin: () => thenRest(larger),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,3}$/,
    },
    {
      fault: 'the blob is shorter now',
      begin: () => thenRest(truncateTo(half + 100_000)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,3}$/,
    },
    {
      fault: 'the blob is shorter now than what came of it',
      begin: () => thenRest(truncateTo(half - 100_000)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest){1,3}$/,
    },
    {
      fault: 'the blob is another now, of the same size',
      begin: () => thenRest(sameSize),
      sees: brokenWrong,
      keeps: 'nothing',
      asked: 'GET, GET rest',
    },
  ])
})
