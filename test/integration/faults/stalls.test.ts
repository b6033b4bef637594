import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from 'vitest'
import {
  holdAfter,
  makeGate,
  swallow,
  trickleBody,
  waitFor,
} from '../../support/scripted-behaviour.ts'
import { once } from '../../support/scripted-turns.ts'
import { blobs, impatient, line, toRanges, untilTheMiddle } from './begin.ts'
import { testFaults } from './fault-table.ts'
import { broken, whole } from './sight.ts'
import { half, largeBlob } from './subjects.ts'

/** Sends no more from there on, and keeps the connection. */
const stallAfter = (bytes: number) => holdAfter(bytes, makeGate())

const openedAfter = (ms: number) => {
  const gate = makeGate()
  setTimeout(gate.open, ms)
  return gate
}

describe('a large blob is pulled, and', () => {
  testFaults(largeBlob, [
    {
      fault: 'the answer begins late, but in time',
      settings: { connectTimeout: '100ms', idleTimeout: '5s' },
      begin: () => blobs(waitFor(openedAfter(1_000))),
      sees: { ...whole, waitsMs: [300, 4_000] },
      keeps: 'all',
      asked: 'GET',
    },
    {
      fault: 'the line takes a quarter of a second each way',
      settings: { connectTimeout: '200ms' },
      begin: () => line((proxy) => proxy.delay(250)),
      sees: { ...whole, waitsMs: [500, 5_000] },
      keeps: 'all',
      asked: 'GET',
    },
    {
      fault: 'the line is thin',
      ...impatient,
      begin: () => line((proxy) => proxy.limit(2_000_000)),
      sees: { ...whole, waitsMs: [400, 3_000] },
      keeps: 'all',
      asked: 'GET',
    },
    {
      fault: 'the body stalls after the head, once',
      ...impatient,
      begin: () => blobs(once(stallAfter(0))),
      sees: { ...whole, waitsMs: [300, 3_000] },
      keeps: 'all',
      asked: 'GET, GET',
    },
    {
      fault: 'the body stalls in the middle, once',
      ...impatient,
      begin: () => blobs(once(stallAfter(half))),
      sees: { ...whole, waitsMs: [300, 3_000] },
      keeps: 'all',
      asked: 'GET, GET rest',
    },
    {
      fault: 'each body stalls after 400 kB',
      ...impatient,
      begin: () => blobs(stallAfter(400_000)),
      sees: { ...whole, waitsMs: [600, 5_000] },
      keeps: 'all',
      asked: /^GET(, GET rest){2,4}$/,
    },
    {
      fault: 'the upstream is silent from the middle on',
      ...impatient,
      begin: () => blobs(once(stallAfter(half)), toRanges(swallow)),
      sees: { ...broken, waitsMs: [600, 5_000] },
      keeps: 'a part',
      asked: /^GET(, GET rest)+$/,
    },
    {
      fault: 'the line swallows everything for half a second, from the middle on',
      settings: { connectTimeout: '300ms', idleTimeout: '600ms' },
      isAlone: true,
      begin: () => blobs(once(stallAfter(half))),
      meanwhile: async (lab, wanted) => {
        await untilTheMiddle(lab, wanted)
        await lab.proxy.swallow()
        await sleep(500)
        await lab.proxy.pass()
      },
      sees: { ...whole, waitsMs: [600, 5_000] },
      keeps: 'all',
      asked: /^GET(, GET rest)+$/,
    },
    {
      fault: 'the body comes in drops of ten bytes a second, once',
      ...impatient,
      begin: () => blobs(once(trickleBody(10))),
      sees: { ...whole, waitsMs: [300, 3_000] },
      keeps: 'all',
      asked: 'GET, GET rest',
    },
    {
      fault: 'every body comes in drops of ten bytes a second',
      ...impatient,
      begin: () => blobs(trickleBody(10)),
      sees: { ...broken, waitsMs: [600, 6_000] },
      keeps: 'a part',
      asked: /^GET(, GET rest){1,2}$/,
    },
  ])
})
