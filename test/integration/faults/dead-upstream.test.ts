import { describe, expect } from 'vitest'
import { ask } from '../../support/raw-client.ts'
import { hangUp, swallow } from '../../support/scripted-behaviour.ts'
import { once } from '../../support/scripted-turns.ts'
import { blobs, impatient, line, manifests } from './begin.ts'
import { type Step, testFaults } from './fault-table.ts'
import { testFaultsTwice } from './kept-or-not.ts'
import { refused, stale, whole } from './sight.ts'
import { largeBlob, manifest } from './subjects.ts'

/** Nobody waits a second time for what is kept. */
const isServedAtOnce: Step = async ({ server }, { path, kept }) => {
  if (!kept) return
  const startedAt = performance.now()
  const reply = await ask(server, path)
  expect(performance.now() - startedAt).toBeLessThan(250)
  expect(reply.body.equals(kept)).toBe(true)
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
}

const tooLong = { ...refused(503, 'took too long to answer'), waitsMs: [300, 1_500] } as const

describe('asked for a manifest, the upstream', () => {
  testFaultsTwice(manifest, [
    {
      fault: 'refuses connections',
      isAlone: true,
      begin: () => line((proxy) => proxy.refuse()),
      unkept: [refused(503, 'refuses connections'), ''],
      kept: [stale('refuses connections'), ''],
      also: isServedAtOnce,
    },
    {
      fault: 'resets connections',
      isAlone: true,
      begin: () => line((proxy) => proxy.reset()),
      unkept: [refused(503, 'the connection'), ''],
      kept: [stale('the connection'), ''],
      also: isServedAtOnce,
    },
    {
      fault: 'swallows what it is sent',
      ...impatient,
      begin: () => line((proxy) => proxy.swallow()),
      unkept: [tooLong, ''],
      kept: [{ ...stale('has not answered'), waitsMs: [250, 900] }, /^(HEAD)?$/],
      also: isServedAtOnce,
    },
    {
      fault: 'sends a byte a second',
      ...impatient,
      begin: () => line((proxy) => proxy.trickle(1)),
      unkept: [tooLong, ''],
      kept: [{ ...stale('docker.io'), waitsMs: [250, 900] }, /^(HEAD)?$/],
      also: isServedAtOnce,
    },
    {
      fault: 'hangs up each time',
      begin: () => manifests(hangUp),
      unkept: [refused(503, 'closed the connection'), 'GET, GET, GET'],
      kept: [stale('closed the connection'), 'HEAD, HEAD, HEAD'],
    },
    {
      fault: 'hangs up once',
      begin: () => manifests(once(hangUp)),
      unkept: [whole, 'GET, GET'],
      kept: [whole, 'HEAD, HEAD, GET by digest'],
    },
    {
      fault: 'answers later than connectTimeout, but does',
      settings: { connectTimeout: '200ms', idleTimeout: '5s' },
      begin: () => line((proxy) => proxy.delay(250)),
      unkept: [{ ...whole, waitsMs: [500, 3_000] }, 'GET'],
      kept: [{ ...stale('has not answered within 0.2 s'), waitsMs: [150, 2_000] }, /^(HEAD)?$/],
    },
  ])
})

describe('asked for a blob, the upstream', () => {
  testFaults(largeBlob, [
    {
      fault: 'refuses connections',
      begin: () => line((proxy) => proxy.refuse()),
      sees: { ...refused(503, 'refuses connections'), waitsMs: [0, 3_000] },
      keeps: 'nothing',
      asked: '',
    },
    {
      fault: 'resets connections',
      begin: () => line((proxy) => proxy.reset()),
      sees: { ...refused(503, 'the connection'), waitsMs: [0, 3_000] },
      keeps: 'nothing',
      asked: '',
    },
    {
      fault: 'swallows what it is sent',
      ...impatient,
      begin: () => line((proxy) => proxy.swallow()),
      sees: tooLong,
      keeps: 'nothing',
      asked: '',
    },
    {
      fault: 'sends a byte a second',
      ...impatient,
      begin: () => line((proxy) => proxy.trickle(1)),
      sees: tooLong,
      keeps: 'nothing',
      asked: '',
    },
    {
      fault: 'takes the request and never answers',
      ...impatient,
      begin: () => blobs(swallow),
      sees: tooLong,
      keeps: 'nothing',
      asked: 'GET',
    },
  ])
})
