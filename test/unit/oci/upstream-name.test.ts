import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { looksLikeHost, readUpstreamName } from '../../../src/oci/upstream-name.ts'

describe('a host is read', () => {
  test.each([
    ['a host stays what it is', 'ghcr.io', 'ghcr.io'],
    ['capitals do not count', 'GHCR.io', 'ghcr.io'],
    ['Docker Hub has its own name', 'docker.io', 'docker.io'],
    ['its index is the same', 'index.docker.io', 'docker.io'],
    ['its registry is the same', 'registry-1.docker.io', 'docker.io'],
    ['in capitals too', 'Index.Docker.IO', 'docker.io'],
    ['another host under docker.io is another upstream', 'auth.docker.io', 'auth.docker.io'],
    ['a port belongs to the name', 'registry.example:5000', 'registry.example:5000'],
    ['an underscore stands for the colon', 'registry.example_5000', 'registry.example:5000'],
    ['a name inside has no dot', 'localhost:5000', 'localhost:5000'],
    ['a name inside may have its port in a path', 'localhost_5000', 'localhost:5000'],
    ['an IPv4 address is a host', '192.0.2.7:5000', '192.0.2.7:5000'],
    ['a label may hold dashes', 'us-docker--1.pkg.dev', 'us-docker--1.pkg.dev'],
  ])('%s', (_rule, text, expected) => {
    expect(readUpstreamName(text)).toBe(expected)
  })
})

describe('what is no host gives nothing', () => {
  test.each([
    ['it is not empty', ''],
    ['no label is empty', 'ghcr..io'],
    ['dots lead nowhere', '..'],
    ['no dot comes first', '.io'],
    ['no dot comes last', 'ghcr.io.'],
    ['a label does not begin with a dash', '-ghcr.io'],
    ['a label does not end with a dash', 'ghcr-.io'],
    ['a slash begins a path', 'ghcr.io/a'],
    ['a user is no part of a host', 'me@ghcr.io'],
    ['a query is no part of a host', 'ghcr.io?a'],
    ['a host has no scheme', 'https://ghcr.io'],
    ['a host has no escapes', 'ghcr%2eio'],
    ['a port is a number', 'ghcr.io:http'],
    ['a port is not missing', 'ghcr.io:'],
    ['an underscore is only for a port', 'my_host.io'],
    ['there is one port', 'ghcr.io:1:2'],
    ['a line does not end in it', 'ghcr.io\n'],
    ['254 characters are too many', `${'a.'.repeat(126)}io`],
    ['a port is at most 65535', 'ghcr.io:99999'],
    ['neither with an underscore', 'ghcr.io_65536'],
    ['a number is no top-level domain', 'registry.1'],
    ['an IPv4 address has parts up to 255', '1.2.3.999'],
  ])('%s', (_rule, text) => {
    expect(readUpstreamName(text)).toBeUndefined()
  })
})

test('what is a host can stand in a URL', () => {
  const label = fc.string({ unit: fc.constantFrom(...'abx019-'), minLength: 1, maxLength: 5 })
  const labels = fc.array(label, { minLength: 1, maxLength: 4 })
  const port = fc.option(fc.nat({ max: 99_999 }), { nil: undefined })
  fc.assert(
    fc.property(labels, port, (parts, number) => {
      const host = parts.join('.') + (number === undefined ? '' : `_${number}`)
      const name = readUpstreamName(host)
      return name === undefined || URL.canParse(`https://${name}`)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['a dot makes a host', 'ghcr.io', true],
  ['a port makes a host', 'registry:5000', true],
  ['localhost is one', 'localhost', true],
  ['localhost with its port in a path is one', 'localhost_5000', true],
  ['a word is the first part of a name', 'library', false],
  ['a name may end in a number', 'team_5000', false],
  ['nothing is no host', '', false],
])('the first part of a name: %s', (_rule, part, expected) => {
  expect(looksLikeHost(part)).toBe(expected)
})
