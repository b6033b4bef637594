import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isFromThisMachine } from '../../../src/http/own-machine.ts'

type Asking = {
  readonly from?: string | undefined
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** As far as the question goes, a request is an address and headers. */
function isOwn({ from = '127.0.0.1', headers = {} }: Asking): boolean {
  const asked = { socket: { remoteAddress: from }, headers: { host: 'localhost:5000', ...headers } }
  return isFromThisMachine(asked as unknown as IncomingMessage)
}

describe('an address of this machine', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('is %s', (from) => {
    expect(isOwn({ from })).toBe(true)
  })

  test.each([
    '192.168.1.5',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    '::2',
    '1127.0.0.1',
    '2001:db8::1',
    '',
  ])('is not "%s"', (from) => {
    expect(isOwn({ from })).toBe(false)
  })
})

describe('a name that only this machine has', () => {
  test.each([
    'localhost',
    'LOCALHOST:5000',
    'localhost:5000',
    '127.0.0.1',
    '127.0.0.1:5000',
    '[::1]:5000',
  ])('is %s', (host) => {
    expect(isOwn({ headers: { host } })).toBe(true)
  })

  test.each([
    'nas.lan:5000',
    'rebound.example',
    'localhost.example:5000',
    'example-localhost',
    '127.0.0.1.example:5000',
    '127.0.0.1:5000.example',
    'localhost:5000:5000',
    '192.168.1.5:5000',
    '::1',
    'unknown',
    '',
    undefined,
  ])('is not "%s"', (host) => {
    expect(isOwn({ headers: { host } })).toBe(false)
  })
})

describe('whoever stands behind something is not taken for this machine', () => {
  test.each([
    ['a proxy that tells of the client', { 'x-forwarded-for': '127.0.0.1' }],
    ['one that tells it in the standard way', { forwarded: 'for=127.0.0.1' }],
    ['nginx as most set it up', { 'x-real-ip': '127.0.0.1' }],
    ['a proxy that tells of itself', { via: '1.1 proxy' }],
    ['a page in a browser', { origin: 'http://localhost:5000' }],
    ['a page that hides where it is from', { origin: 'null' }],
    ['a header without a value', { 'x-forwarded-for': '' }],
  ])('%s', (_rule, headers) => {
    expect(isOwn({ headers })).toBe(false)
  })
})
