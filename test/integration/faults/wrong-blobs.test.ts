import { describe } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import {
  compress,
  cutAfter,
  dropHeader,
  sendInstead,
  sendPage,
} from '../../support/scripted-behaviour.ts'
import { withHeaders } from '../../support/scripted-exchange.ts'
import { changeTo, claimLength, endless, truncateTo } from '../../support/scripted-lies.ts'
import { failTimes, once } from '../../support/scripted-turns.ts'
import type { Behaviour } from '../../support/scripted-upstream.ts'
import { blobs } from './begin.ts'
import { testFaults } from './fault-table.ts'
import { broken, brokenWrong, refused, whole } from './sight.ts'
import { half, largeBlob, largeSize, layer, smallBlob } from './subjects.ts'

/** 206 with all of it, though no part was asked for. */
const allAsPart: Behaviour = (usual) => ({
  ...withHeaders(usual, { 'content-range': 'bytes 0-9999/10000' }),
  status: 206,
})

describe('a small blob', () => {
  testFaults(smallBlob, [
    {
      fault: 'comes with wrong bytes',
      begin: () => blobs(changeTo(makeBytes('other', 10_000))),
      sees: refused(502, 'wrong digest'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'is empty',
      begin: () => blobs(sendInstead(Buffer.alloc(0))),
      sees: refused(502, 'wrong digest'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'is a page for people, with 200',
      begin: () => blobs(sendPage),
      sees: refused(502, 'wrong digest'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'comes compressed, unasked',
      begin: () => blobs(compress),
      sees: refused(502, "encoded content that wasn't asked for"),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'comes as a part, unasked',
      begin: () => blobs(allAsPart),
      sees: refused(502, 'another part'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'breaks off, twice',
      begin: () => blobs(failTimes(2, cutAfter(1_000))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest, GET rest',
    },
    {
      fault: 'breaks off each time',
      begin: () => blobs(cutAfter(1_000)),
      sees: refused(503, 'closed the connection'),
      keeps: 'a part',
      asked: 'GET, GET rest, GET rest',
    },
  ])
})

describe('a large blob', () => {
  testFaults(largeBlob, [
    {
      fault: 'comes with wrong bytes',
      begin: () => blobs(changeTo(makeBytes('other', largeSize))),
      sees: brokenWrong,
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'is announced longer than it is',
      begin: () => blobs(claimLength(largeSize + 1_000)),
      sees: broken,
      keeps: 'a part',
      asked: /^GET(, GET rest)+$/,
    },
    {
      fault: 'is announced shorter than it is',
      begin: () => blobs(claimLength(largeSize - 1_000)),
      sees: broken,
      keeps: 'nothing',
      asked: /^GET(, GET rest)*$/,
    },
    {
      fault: 'comes without a length',
      begin: () => blobs(dropHeader('content-length')),
      sees: whole,
      keeps: 'all',
      asked: 'GET',
    },
    {
      fault: 'comes without a length and breaks off in the middle',
      begin: () => blobs(dropHeader('content-length'), once(cutAfter(half))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
    },
  ])
})

describe('a layer of a known size', () => {
  testFaults(layer, [
    {
      fault: 'never ends',
      begin: () => blobs(endless),
      sees: broken,
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'comes without a length, and is too short',
      begin: () => blobs(truncateTo(half), dropHeader('content-length')),
      sees: broken,
      keeps: 'a part',
      asked: 'GET',
    },
  ])
})
