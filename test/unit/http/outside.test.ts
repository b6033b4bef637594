import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Outside, TrustedProxies } from '../../../src/http/outside.ts'

type Headers = Readonly<Record<string, string>>

const proxy = '10.0.0.1'
const client = '203.0.113.7'
/** What nobody outside may have believed. */
const liar = '198.51.100.66'

const usual = { scheme: 'http', host: 'registry.example', prefix: '', isProxied: true }
const direct = { ...usual, isProxied: false }

/** As far as the question goes, a request is two addresses and headers. */
function outsideOf(headers: Headers, from = proxy): Outside {
  const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8:1::/48'])
  const socket = { remoteAddress: from, localAddress: '192.168.1.5', localPort: 5000 }
  const asked = { socket, headers: { host: 'registry.example', ...headers } }
  return proxies.outsideOf(asked as unknown as IncomingMessage)
}

const forwardedFor = (text: string) => ({ 'x-forwarded-for': text })

describe('the client is', () => {
  test.each([
    ['the address that the proxy names', client, client],
    ['the last that is no proxy of ours', `${client}, 10.2.3.4, 10.0.0.2`, client],
    ['not what a client says of itself', `${liar}, ${client}`, client],
    ['not what a client says of proxies', `${liar}, 10.0.0.9, ${client}, 10.0.0.2`, client],
    ['without its port', `${client}:4711`, client],
    ['IPv6', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['IPv6 in brackets', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 in brackets with a port', '[2001:db8::1]:4711', '2001:db8::1'],
    ['IPv6 without its zone', 'fe80::1%eth0', 'fe80::1'],
    ['IPv4 where it is written as IPv6', `::ffff:${client}`, client],
    ['behind a proxy with IPv6', `${client}, 2001:db8:1::2`, client],
    ['the outermost where all are proxies', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['the proxy that names none', '', proxy],
    ['the proxy that names nonsense', `${liar}, nonsense`, proxy],
    ['the last proxy that is known', `${liar}, unknown, 10.0.0.2`, '10.0.0.2'],
    ['not what stands before a gap', `${liar}, `, proxy],
    ['no address that is out of range', `${liar}, 256.0.0.1`, proxy],
    ['no address in another base', `${liar}, 0x7f000001`, proxy],
    ['no address with spaces', `${liar}, 203.0.113.7 10.0.0.2`, proxy],
    ['no name', `${liar}, client.example`, proxy],
    ['at most so many proxies away', `${client}${', 10.0.0.2'.repeat(4000)}`, '10.0.0.2'],
  ])('%s', (_rule, header, expected) => {
    expect(outsideOf(forwardedFor(header)).client).toBe(expected)
  })

  test.each([
    ['as a token', `for=${client}`, client],
    ['in quotes', `for="${client}:4711"`, client],
    ['as IPv6', 'For="[2001:db8::1]:4711"', '2001:db8::1'],
    ['among other pairs', `by=_here;FOR=${client};proto=https`, client],
    ['with spaces', `  for=${client} ;  proto=https , for=10.0.0.2`, client],
    ['behind other proxies', `for=${client}, for=10.0.0.2;by=_x`, client],
    ['not as a client says itself', `for=${liar}, for=${client}`, client],
    ['not where it is hidden', `for=${liar}, for=_hidden`, proxy],
    ['not where it is unknown', `for=${liar}, for=unknown`, proxy],
    ['not where nothing is said of it', `for=${liar}, proto=https`, proxy],
    ['past empty elements', `, for=${client}, ,`, client],
    ['with an escaped character', `for="203.0.113\\.7"`, client],
    ['not behind an open quote', `for="${liar}, for=${client}`, proxy],
    ['not where a comma is quoted', `for="${liar}, for=${client}"`, proxy],
    ['not of a header that is malformed', `for=${liar}, nonsense`, proxy],
  ])('of Forwarded, %s', (_rule, forwarded, expected) => {
    expect(outsideOf({ forwarded }).client).toBe(expected)
  })

  test('that of X-Forwarded-For, where a client could write Forwarded', () => {
    const headers = { ...forwardedFor(client), forwarded: `for=${liar};host=liar.example` }
    expect(outsideOf(headers)).toEqual({ ...usual, client })
  })
})

describe('the URL has', () => {
  test.each<[string, Headers, Partial<Outside>]>([
    ['what the connection has, where nothing is said', {}, {}],
    ['the proxy’s scheme', { 'x-forwarded-proto': 'https' }, { scheme: 'https' }],
    ['it in capitals', { 'x-forwarded-proto': 'HTTPS' }, { scheme: 'https' }],
    ['no other scheme', { 'x-forwarded-proto': 'javascript' }, {}],
    ['the proxy’s host', { 'x-forwarded-host': 'A.example:8443' }, { host: 'a.example:8443' }],
    ['an IPv6 host', { 'x-forwarded-host': '[2001:db8::1]:8443' }, { host: '[2001:db8::1]:8443' }],
    ['no host with a path', { 'x-forwarded-host': 'a.example/x' }, {}],
    ['no host with a login', { 'x-forwarded-host': 'a@b.example' }, {}],
    ['no host with a quote', { 'x-forwarded-host': 'a"b' }, {}],
    ['no empty host', { 'x-forwarded-host': '' }, {}],
    ['no host that only looks like an address', { 'x-forwarded-host': 'a.256.0.1' }, {}],
    ['no port that is none', { 'x-forwarded-host': 'a.example:70000' }, {}],
    ['the host that the last proxy saw', { 'x-forwarded-host': 'liar, a' }, { host: 'a' }],
    [
      'what the outermost proxy of ours saw',
      {
        'x-forwarded-for': `${liar}, ${client}, 10.0.0.2`,
        'x-forwarded-host': 'liar, outer, inner',
        'x-forwarded-proto': 'http, https, http',
      },
      { client, host: 'outer', scheme: 'https' },
    ],
    [
      'what one proxy says for all',
      { 'x-forwarded-for': `${client}, 10.0.0.2`, 'x-forwarded-proto': 'https' },
      { client, scheme: 'https' },
    ],
    [
      'what Forwarded says',
      { forwarded: `for=${client};proto=https;host="a.example:8443"` },
      { client, scheme: 'https', host: 'a.example:8443' },
    ],
    [
      'what an inner element says, where the outer one doesn’t',
      { forwarded: `for=${client}, for=10.0.0.2;proto=https;host=a` },
      { client, scheme: 'https', host: 'a' },
    ],
    ['our own address, where no host is named', { host: 'unknown' }, { host: '192.168.1.5:5000' }],
    ['no host that is none', { host: 'a,b' }, { host: '192.168.1.5:5000' }],
  ])('%s', (_rule, headers, expected) => {
    expect(outsideOf(headers)).toEqual({ ...usual, client: proxy, ...expected })
  })

  test.each([
    ['the prefix that a proxy took off', '/registry', '/registry'],
    ['it without its last slash', '/registry/', '/registry'],
    ['one of several parts', '/a/b-c_d.e~f', '/a/b-c_d.e~f'],
    ['those that several took off', '/a, /b/', '/a/b'],
    ['none for the root', '/', ''],
    ['none that leads to another host', '//liar.example', ''],
    ['none that leads up', '/a/../b', ''],
    ['none with a dot alone', '/./a', ''],
    ['none without a slash', 'registry', ''],
    ['none with a scheme', 'https://liar.example', ''],
    ['none with an escape', '/a%2f..', ''],
    ['none with a backslash', '/\\liar.example', ''],
    ['none with a query', '/a?b', ''],
    ['none with what ends a Link', '/a>; rel="next"', ''],
    ['none without end', `/${'a'.repeat(300)}`, ''],
  ])('%s', (_rule, header, prefix) => {
    expect(outsideOf({ 'x-forwarded-prefix': header })).toMatchObject({ prefix })
  })
})

const everything = {
  'x-forwarded-for': liar,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'liar.example',
  'x-forwarded-prefix': '/liar',
}

test.each([client, '11.0.0.1', '2001:db8:2::1', '127.0.0.1'])(
  'from %s nothing of it is believed',
  (from) => {
    expect(outsideOf(everything, from)).toEqual({ ...direct, client: from })
    expect(outsideOf({ forwarded: `for=${liar};host=a` }, from)).toEqual({
      ...direct,
      client: from,
    })
  },
)

test.each(['::ffff:10.0.0.1', '2001:db8:1::9', '10.255.255.255'])('%s is trusted', (from) => {
  expect(outsideOf(everything, from)).toMatchObject({ client: liar, prefix: '/liar' })
})

test('a connection that is gone has no client', () => {
  expect(outsideOf(everything, '')).toEqual({ ...direct, client: 'gone' })
})

test('whatever is written there, what comes out is an address, a host and a path', () => {
  const piece = fc.constantFrom(
    ...['for=', 'host=', 'proto=https', '203.0.113.7', '10.0.0.2', '[2001:db8::1]', '::ffff:'],
    ...[',', ';', '"', '\\', ' ', '%', ':1', '/', '//', '..', '@', '>', 'a.example'],
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
  )
  const names = ['for', 'proto', 'host', 'prefix'].map((name) => `x-forwarded-${name}`)
  const headers = fc.dictionary(fc.constantFrom(...names, 'forwarded', 'host'), text)
  fc.assert(
    fc.property(headers, (written) => {
      const { client: from, scheme, host, prefix } = outsideOf(written)
      expect(isIP(from)).not.toBe(0)
      expect(new URL(`${scheme}://${host}/v2/`).pathname).toBe('/v2/')
      expect(new URL(`${prefix}/v2/`, 'http://here').href).toBe(`http://here${prefix}/v2/`)
    }),
    { numRuns: 2000 },
  )
})

test('headers as long as may be take no time', () => {
  const startedAt = performance.now()
  for (const part of [' ', '"', 'a=', 'for=10.0.0.2,', 'for="\\', '/a', '10.0.0.2,', ';', '[']) {
    const header = part.repeat(32_000 / part.length)
    outsideOf({ forwarded: header })
    outsideOf({ ...forwardedFor(header), 'x-forwarded-prefix': header, 'x-forwarded-host': header })
  }
  expect(performance.now() - startedAt).toBeLessThan(500)
})
