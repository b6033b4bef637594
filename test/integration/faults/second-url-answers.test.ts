import { describe, expect } from 'vitest'
import { makeBytes } from '../../support/image-builder.ts'
import { ask } from '../../support/raw-client.ts'
import { limitedFor } from '../../support/scripted-behaviour.ts'
import { changeTo } from '../../support/scripted-lies.ts'
import { blobs, everything, line, manifests } from './begin.ts'
import { type Step, testFaultsOfFirst } from './fault-table.ts'
import { brokenWrong, refused, stale, whole } from './sight.ts'
import { largeBlob, largeSize, movedTag, newTag, smallBlob } from './subjects.ts'

/** While the first still lies. */
const pullFromSecond: Step = async ({ server, second }, { path, content }) => {
  const reply = await ask(server, path)
  expect(reply.body.equals(content)).toBe(true)
  expect(second?.count(`GET ${path}`)).toBe(1)
}

describe('from an upstream with two URLs', () => {
  testFaultsOfFirst(largeBlob, [
    {
      fault: 'a large blob comes wrong, and from the second the next time',
      begin: () => blobs(changeTo(makeBytes('other', largeSize))),
      sees: brokenWrong,
      keeps: 'nothing',
      asked: 'GET',
      also: pullFromSecond,
    },
  ])
  testFaultsOfFirst(smallBlob, [
    {
      fault: 'a small blob comes wrong, and from the second the next time',
      begin: () => blobs(changeTo(makeBytes('other', 10_000))),
      sees: refused(502, 'wrong digest'),
      keeps: 'nothing',
      asked: 'GET',
      also: pullFromSecond,
    },
  ])
  testFaultsOfFirst(newTag, [
    {
      fault: 'a manifest comes wrong from the first, and from the second at once',
      begin: () => manifests(changeTo(Buffer.from('{}'))),
      sees: whole,
      keeps: 'all',
      asked: 'GET',
      askedSecond: 'GET',
    },
    {
      fault: 'nothing comes of the first but a limit, and the second is asked',
      begin: () => everything(limitedFor(30)),
      sees: whole,
      keeps: 'all',
      asked: '',
      askedSecond: 'GET',
    },
  ])
  testFaultsOfFirst(movedTag, [
    {
      fault: "the first is dead, the second doesn't have a kept tag, and it isn't gone for that",
      begin: () => async (lab, wanted) => {
        lab.second?.repository('team/app').tags.clear()
        await line((proxy) => proxy.refuse())(lab, wanted)
      },
      sees: stale('refuses connections'),
      keeps: 'nothing',
      asked: '',
      askedSecond: /^HEAD/,
    },
    {
      fault: 'the first is silent, and a kept tag is served stale until the second has answered',
      settings: { connectTimeout: '300ms', idleTimeout: '600ms' },
      isAlone: true,
      begin: () => line((proxy) => proxy.swallow()),
      sees: { ...stale('has not answered'), waitsMs: [250, 900] },
      keeps: 'all',
      asked: /^(HEAD)?$/,
      askedSecond: 'HEAD, GET by digest',
    },
  ])
})
