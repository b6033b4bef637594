import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { cutAfter, hangUp, holdAfter, makeGate } from '../../support/scripted-behaviour.ts'
import { failTimes, once } from '../../support/scripted-turns.ts'
import { blobs, impatient, line, untilTheMiddle } from './begin.ts'
import { type Pull, type Step, testFaults } from './fault-table.ts'
import { broken, refused, whole } from './sight.ts'
import { half, largeBlob, largeSize } from './subjects.ts'

/** The first answer stops in the middle. */
const stopInTheMiddle = () => blobs(once(holdAfter(half, makeGate())))

/** Promised: a broken fetch goes on from where it was. */
const littleComesTwice: Step = ({ upstream }, { path }) =>
  expect(upstream.bytesSent(`GET ${path}`)).toBeLessThan(1.1 * largeSize)

/** Ten clients at once, who all see the same. */
const byTen: Pull = async (server, path) => {
  const pulls = Array.from({ length: 10 }, () => ask(server, path))
  const [first, ...others] = await Promise.all(pulls)
  if (!first) throw new Error('nobody pulled')
  for (const { body } of others) expect(body.equals(first.body)).toBe(true)
  return first
}

describe('a large blob is pulled, and', () => {
  testFaults(largeBlob, [
    {
      fault: 'the connection ends before the answer, once',
      begin: () => blobs(once(hangUp)),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET',
    },
    {
      fault: 'every connection ends before the answer',
      begin: () => blobs(hangUp),
      sees: refused(503, 'closed the connection'),
      keeps: 'nothing',
      asked: 'GET, GET, GET',
    },
    {
      fault: 'the connection ends after the head, twice',
      begin: () => blobs(failTimes(2, cutAfter(0))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET, GET',
    },
    {
      fault: 'every connection ends after the head',
      begin: () => blobs(cutAfter(0)),
      sees: refused(503, 'closed the connection'),
      keeps: 'nothing',
      asked: 'GET, GET, GET',
    },
    {
      fault: 'the connection ends in the middle',
      begin: () => blobs(once(cutAfter(half))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      also: littleComesTwice,
    },
    {
      fault: 'every connection ends after 300 kB',
      begin: () => line((proxy) => proxy.cutAfter(300_000, 'fin')),
      sees: whole,
      keeps: 'all',
      asked: /^GET(, GET rest){3,6}$/,
    },
    {
      fault: 'every connection is reset after 300 kB',
      begin: () => line((proxy) => proxy.cutAfter(300_000, 'reset')),
      sees: whole,
      keeps: 'all',
      asked: /^GET(, GET rest){3,12}$/,
    },
    {
      fault: 'the connection ends within the last 64 KiB',
      begin: () => blobs(once(cutAfter(largeSize - 30_000))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      also: littleComesTwice,
    },
    {
      fault: 'the connection ends before the last byte',
      begin: () => blobs(once(cutAfter(largeSize - 1))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      also: littleComesTwice,
    },
    {
      fault: 'the upstream restarts in the middle',
      begin: stopInTheMiddle,
      meanwhile: async (lab, wanted) => {
        await untilTheMiddle(lab, wanted)
        await lab.upstream.stop()
        await sleep(300)
        await lab.upstream.start()
      },
      sees: { ...whole, waitsMs: [300, 5_000] },
      keeps: 'all',
      asked: 'GET, GET rest',
      also: littleComesTwice,
    },
    {
      fault: 'the upstream is gone from the middle on',
      ...impatient,
      begin: stopInTheMiddle,
      meanwhile: async (lab, wanted) => {
        await untilTheMiddle(lab, wanted)
        await lab.proxy.refuse()
      },
      sees: { ...broken, waitsMs: [500, 5_000] },
      keeps: 'a part',
      asked: 'GET',
    },
    {
      fault: 'the connection ends in the middle, and ten clients wait',
      begin: () => blobs(once(cutAfter(half))),
      pull: byTen,
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
    },
  ])
})
