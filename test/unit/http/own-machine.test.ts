import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isFromThisMachine } from '../../../src/http/own-machine.ts'

type Asking = {
  readonly from?: string | undefined
  /** The server's address on this connection. */
  readonly to?: string | undefined
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** As far as the question goes, a request is an address and headers. */
function isOwn({ from = '127.0.0.1', to = '127.0.0.1', headers = {} }: Asking): boolean {
  const socket = { remoteAddress: from, localAddress: to }
  const asked = { socket, headers: { host: 'localhost:5000', ...headers } }
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

describe('the address that the server itself has', () => {
  test.each([
    { from: '192.168.1.5', to: '192.168.1.5', host: '192.168.1.5:5000' },
    { from: '192.168.1.5', to: '192.168.1.5', host: '192.168.1.5' },
    { from: '::ffff:192.168.1.5', to: '::ffff:192.168.1.5', host: '192.168.1.5:5000' },
    { from: '2001:db8::1', to: '2001:db8::1', host: '[2001:DB8::1]:5000' },
  ])('is this machine’s: from $from as $host', ({ from, to, host }) => {
    expect(isOwn({ from, to, headers: { host } })).toBe(true)
  })

  test.each([
    { from: '192.168.1.6', to: '192.168.1.5', host: '192.168.1.5:5000', what: 'a neighbour' },
    { from: '192.168.1.6', to: '192.168.1.5', host: '192.168.1.6:5000', what: 'its own name' },
    { from: '192.168.1.5', to: '192.168.1.5', host: 'rebound.example:5000', what: 'a name' },
    { from: '192.168.1.5', to: '192.168.1.5', host: 'localhost:5000', what: 'localhost' },
    { from: '192.168.1.5', to: '192.168.1.5', host: '192.168.1.5.example', what: 'a longer name' },
    { from: '192.168.1.5', to: '192.168.1.5', host: '192.168.1.5:1:2', what: 'two ports' },
    { from: '192.168.1.5', to: '192.168.1.5', host: undefined, what: 'no name' },
    { from: '', to: '', host: '', what: 'a connection that is gone' },
  ])('not under $what', ({ from, to, host }) => {
    expect(isOwn({ from, to, headers: { host } })).toBe(false)
  })

  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'origin'])(
    'not through a proxy or a page: %s',
    (name) => {
      const [from, host] = ['192.168.1.5', '192.168.1.5:5000']
      expect(isOwn({ from, to: from, headers: { host } })).toBe(true)
      expect(isOwn({ from, to: from, headers: { host, [name]: 'x' } })).toBe(false)
    },
  )
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
    ['a proxy that tells of nothing but the scheme', { 'x-forwarded-proto': 'https' }],
    ['one that tells of nothing but the host', { 'x-forwarded-host': 'localhost:5000' }],
    ['one that tells of nothing but the path', { 'x-forwarded-prefix': '/registry' }],
  ])('%s', (_rule, headers) => {
    expect(isOwn({ headers })).toBe(false)
  })
})
