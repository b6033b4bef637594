import { describe } from 'vitest'
import {
  compress,
  cutAfter,
  dropHeader,
  holdAfter,
  makeGate,
  sendInstead,
  sendPage,
} from '../../support/scripted-behaviour.ts'
import {
  changeTo,
  claimLength,
  claimType,
  endless,
  truncateTo,
  wrongDigestHeader,
} from '../../support/scripted-lies.ts'
import { once } from '../../support/scripted-turns.ts'
import { answers, impatient, manifests } from './begin.ts'
import { testFaultsTwice } from './kept-or-not.ts'
import { refused, stale, whole } from './sight.ts'
import { manifest } from './subjects.ts'

const otherDigest = `sha256:${'f'.repeat(64)}`
const tooLarge = Buffer.alloc(4 * 1024 * 1024 + 1, ' ')
/** With the right headers. */
const inBody = answers(/^GET \/v2\/.*\/manifests\//)
const byTag = answers(/\/manifests\/1$/)

describe('the manifest', () => {
  testFaultsTwice(manifest, [
    {
      fault: 'has other bytes than its digest header says',
      begin: () => inBody(sendInstead(Buffer.from('{}'))),
      unkept: [refused(502, 'wrong digest'), 'GET'],
      kept: [stale('wrong digest'), 'HEAD, GET by digest'],
    },
    {
      fault: 'has a digest header that nothing there has',
      begin: () => byTag(wrongDigestHeader(otherDigest)),
      unkept: [refused(502, 'wrong digest'), 'GET'],
      kept: [stale('docker.io'), 'HEAD, GET by digest'],
    },
    {
      fault: 'has a digest header that says nothing',
      begin: () => manifests(wrongDigestHeader('sha256:what?')),
      unkept: [whole, 'GET'],
      kept: [whole, 'HEAD, GET'],
    },
    {
      fault: 'comes without a length',
      begin: () => manifests(dropHeader('content-length')),
      unkept: [whole, 'GET'],
      kept: [whole, 'HEAD, GET'],
    },
    {
      fault: 'is a page for people, with 200',
      begin: () => manifests(sendPage),
      unkept: [refused(502, 'as a manifest'), 'GET'],
      kept: [stale('as a manifest'), 'HEAD, GET'],
    },
    {
      fault: 'comes compressed, unasked',
      begin: () => manifests(compress),
      unkept: [refused(502, "encoded content that wasn't asked for"), 'GET'],
      kept: [stale("encoded content that wasn't asked for"), 'HEAD'],
    },
    {
      fault: 'is called a page',
      begin: () => manifests(claimType('text/html')),
      unkept: [refused(502, 'Content-Type'), 'GET'],
      kept: [stale('Content-Type'), 'HEAD, GET'],
    },
    {
      fault: 'is called plain text, which says nothing',
      begin: () => manifests(claimType('text/plain')),
      unkept: [whole, 'GET'],
      kept: [whole, 'HEAD, GET'],
    },
    {
      fault: 'is called an index',
      begin: () => manifests(claimType('application/vnd.oci.image.index.v1+json')),
      unkept: [refused(502, 'Content-Type'), 'GET'],
      kept: [stale('Content-Type'), 'HEAD, GET by digest'],
    },
    {
      fault: 'ends early, and says so',
      begin: () => manifests(truncateTo(100)),
      unkept: [refused(502, 'wrong digest'), 'GET'],
      kept: [stale('wrong digest'), 'HEAD, GET by digest'],
    },
    {
      fault: 'is announced longer than it is',
      begin: () => manifests(claimLength(100_000)),
      unkept: [refused(503, 'closed the connection'), 'GET, GET, GET'],
      kept: [stale('closed the connection'), 'HEAD, GET by digest, GET by digest, GET by digest'],
    },
    {
      fault: 'breaks off, once',
      begin: () => inBody(once(cutAfter(100))),
      unkept: [whole, 'GET, GET'],
      kept: [whole, 'HEAD, GET by digest, GET by digest'],
    },
    {
      fault: 'has 4 MiB and a byte',
      begin: () => manifests(changeTo(tooLarge)),
      unkept: [refused(502, 'more than 4194304 bytes'), 'GET'],
      kept: [stale('more than 4194304 bytes'), 'HEAD, GET by digest'],
    },
    {
      fault: 'never ends',
      begin: () => manifests(endless),
      unkept: [refused(502, 'more than 4194304 bytes'), 'GET'],
      kept: [stale('more than 4194304 bytes'), 'HEAD, GET'],
    },
    {
      fault: 'stalls in the middle',
      ...impatient,
      begin: () => inBody(holdAfter(100, makeGate())),
      unkept: [{ ...refused(503, 'stopped sending'), waitsMs: [300, 1_500] }, 'GET'],
      kept: [{ ...stale('docker.io'), waitsMs: [300, 1_500] }, 'HEAD, GET by digest'],
    },
  ])
})
