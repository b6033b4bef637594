import { describe, expect } from 'vitest'
import { cutAfter, fail, redirectTo } from '../../support/scripted-behaviour.ts'
import { redirectInCircle } from '../../support/scripted-lies.ts'
import { once } from '../../support/scripted-turns.ts'
import type { Behaviour } from '../../support/scripted-upstream.ts'
import { blobs, toRanges } from './begin.ts'
import { type Step, testFaults } from './fault-table.ts'
import { refused, whole } from './sight.ts'
import { half, largeBlob } from './subjects.ts'

const allowed = { settings: { allowHosts: ['localhost'] }, hasElsewhere: true }

/** To a storage host, which is localhost and so another than 127.0.0.1. */
const toStorage =
  (...behaviours: readonly Behaviour[]): Step =>
  (lab, wanted) => {
    const { elsewhere } = lab
    for (const behaviour of behaviours) elsewhere?.script(/./, behaviour)
    return blobs(redirectTo(`${elsewhere?.otherUrl}${wanted.path}`))(lab, wanted)
  }

const nothingWasAskedThere: Step = ({ elsewhere }) => expect(elsewhere?.requests).toEqual([])

describe('a blob is redirected', () => {
  testFaults(largeBlob, [
    {
      fault: 'in a circle',
      begin: () => blobs(redirectInCircle),
      sees: refused(502, 'redirected more than 5 times'),
      keeps: 'nothing',
      asked: 'GET, GET, GET, GET, GET, GET',
    },
    {
      fault: 'to nowhere',
      begin: () => blobs(redirectTo('')),
      sees: refused(502, 'redirected to nowhere'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'to a file',
      begin: () => blobs(redirectTo('file:///etc/passwd')),
      sees: refused(502, 'from http: to file:'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'from https to http',
      ...allowed,
      isSecure: true,
      begin: () => toStorage(),
      sees: refused(502, 'from https: to http:'),
      keeps: 'nothing',
      asked: 'GET',
      also: nothingWasAskedThere,
    },
    {
      fault: 'to the address of cloud metadata',
      begin: () => blobs(redirectTo('http://169.254.169.254/latest/meta-data/')),
      sees: { ...refused(502, 'an address that is not public'), waitsMs: [0, 2_000] },
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'to a name that resolves to 127.0.0.1',
      hasElsewhere: true,
      begin: () => toStorage(),
      sees: refused(502, 'an address that is not public'),
      keeps: 'nothing',
      asked: 'GET',
      also: nothingWasAskedThere,
    },
    {
      fault: 'to storage that breaks off in the middle, and again to it',
      ...allowed,
      begin: () => toStorage(once(cutAfter(half))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest',
      also: ({ elsewhere }, { path }) =>
        expect(elsewhere?.rangesOf(`GET ${path}`)).toEqual([
          undefined,
          expect.stringMatching(/^bytes=\d{5,6}-$/),
        ]),
    },
    {
      fault: 'to storage that breaks off, and refuses once after that',
      ...allowed,
      begin: () => toStorage(once(cutAfter(half)), toRanges(once(fail(403)))),
      sees: whole,
      keeps: 'all',
      asked: 'GET, GET rest, GET rest',
    },
    {
      fault: 'to storage that refuses, which is no word of the registry',
      ...allowed,
      begin: () => toStorage(fail(403)),
      sees: refused(502, 'which refused (403)'),
      keeps: 'nothing',
      asked: 'GET',
    },
    {
      fault: 'to storage that fails',
      ...allowed,
      begin: () => toStorage(fail(500)),
      sees: refused(503, 'answered 500'),
      keeps: 'nothing',
      asked: 'GET, GET, GET',
    },
  ])
})
