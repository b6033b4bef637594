import { describe, expect, test } from 'vitest'
import type { UpstreamConfig } from '../../../src/config/config.ts'
import { checkYaml, findProblems } from './check-yaml.ts'

const readUpstream = (settings: string, name = 'docker.io'): UpstreamConfig | undefined => {
  return checkYaml(`upstreams: {docker.io: {}, ${name}: ${settings}}`).upstreams.get(name)
}

const problemsOf = (settings: string) => findProblems(`upstreams: {docker.io: ${settings}}`)

describe('an upstream is taken', () => {
  test.each([
    ['the name is the host', 'quay.io', '{}', { urls: ['https://quay.io'] }],
    [
      'the name may have a port',
      '"registry.local:5000"',
      '{}',
      { urls: ['https://registry.local:5000'] },
    ],
    [
      'a URL may end in a slash',
      'quay.io',
      '{url: "http://Mirror:80/"}',
      { urls: ['http://mirror'] },
    ],
    [
      'several URLs are tried in order',
      'quay.io',
      '{url: ["http://b", "http://a"]}',
      { urls: ['http://b', 'http://a'] },
    ],
    [
      'an empty login is none',
      'quay.io',
      '{username: "", password: ""}',
      { username: undefined, password: undefined },
    ],
    [
      'none is a password like any other',
      'quay.io',
      '{username: none, password: none}',
      { username: 'none', password: 'none' },
    ],
    ['a tag may always be asked for', 'quay.io', '{tagTtl: 0}', { tagTtlMs: 0 }],
    [
      'a rate may be limited',
      'quay.io',
      '{bandwidth: 50MB/s}',
      { bandwidthBytesPerSecond: 50_000_000 },
    ],
    [
      'a share of the cache may be limited',
      'quay.io',
      '{maxSize: 1GB}',
      { maxSizeBytes: 1_000_000_000 },
    ],
    ['what upstream deleted may be served', 'quay.io', '{onGone: serve}', { onGone: 'serve' }],
    ['one pattern stands for a list', 'quay.io', '{allow: team/**}', { allow: ['team/**'] }],
    [
      'other hosts may have ports',
      'quay.io',
      '{allowHosts: ["s3.local:9000", 10.0.0.5, "[fd00::1]:80"]}',
      { allowHosts: ['s3.local:9000', '10.0.0.5', '[fd00::1]:80'] },
    ],
    ['nothing at all means all defaults', 'quay.io', '', { tagTtlMs: 300_000, prefetch: true }],
    ['every host may be admitted', '"*"', '{tagTtl: 1h}', { urls: [], tagTtlMs: 3_600_000 }],
  ])('%s', (_rule, name, settings, expected) => {
    const { upstreams } = checkYaml(`upstreams: {docker.io: {}, ${name}: ${settings}}`)
    expect(upstreams.get(name.replaceAll('"', ''))).toMatchObject(expected)
  })

  test('the files it names start at the folder of mirrors.yaml', () => {
    expect(
      readUpstream('{username: a, passwordFile: secret, ca: /ca.pem}', 'quay.io'),
    ).toMatchObject({
      passwordFile: '/etc/entrepot/secret',
      ca: '/ca.pem',
    })
  })

  test('a list of upstreams replaces the one that is shipped', () => {
    expect([...checkYaml('upstreams: {docker.io: }').upstreams.keys()]).toEqual(['docker.io'])
  })

  test('an entry for every host admits the default upstream', () => {
    expect(checkYaml('upstreams: {"*": {}}').defaultUpstream).toBe('docker.io')
  })
})

const host = 'a host such as ghcr.io or registry.local:5000'
const url = 'a URL that begins with https:// or http://'

describe("an upstream's setting is refused", () => {
  test.each([
    ['a URL has a scheme', '{url: registry-1.docker.io}', 'url[0]', 'registry-1.docker.io', url],
    ['a URL is for HTTP', '{url: ["http://a", "ftp://b"]}', 'url[1]', 'ftp://b', url],
    [
      'a registry has no path',
      '{url: "https://a.io/v2/"}',
      'url[0]',
      'https://a.io/v2/',
      'https://a.io, since a registry answers at /v2/ of its host',
    ],
    [
      'a registry has no query',
      '{url: "https://a.io?x"}',
      'url[0]',
      'https://a.io?x',
      'a URL without ? and #',
    ],
    [
      'a registry has no fragment',
      '{url: "https://a.io#"}',
      'url[0]',
      'https://a.io#',
      'a URL without ? and #',
    ],
    [
      'a login does not stand in the URL',
      '{url: "https://u:hunter2@a.io"}',
      'url[0]',
      'https://***@a.io',
      'a URL without a login; put it into username and password',
    ],
    [
      'a duration has a unit',
      '{tagTtl: five}',
      'tagTtl',
      'five',
      'a duration such as 30s, 5m or 7d',
    ],
    [
      'a wait is above zero',
      '{connectTimeout: 0s}',
      'connectTimeout',
      '0s',
      'a duration above 0 and at most 1d',
    ],
    [
      'at least one connection is needed',
      '{maxConnections: 0}',
      'maxConnections',
      '0',
      'a whole number from 1 to 1000',
    ],
    [
      'connections are whole',
      '{maxConnections: 1.5}',
      'maxConnections',
      '1.5',
      'a whole number from 1 to 1000',
    ],
    ['a rate says per what', '{bandwidth: 50MB}', 'bandwidth', '50MB', 'a rate such as 50MB/s'],
    [
      'a deleted tag is refused or served',
      '{onGone: keep}',
      'onGone',
      'keep',
      'one of refuse, serve',
    ],
    [
      'a pattern is no number',
      '{deny: [5]}',
      'deny[0]',
      '5',
      'a pattern such as library/* or team/**',
    ],
    [
      'another host is no URL',
      '{allowHosts: ["https://a.io"]}',
      'allowHosts[0]',
      'https://a.io',
      host,
    ],
    [
      'a number may have lost its zeros',
      '{username: a, password: 0123}',
      'password',
      'a number (not shown)',
      'a text, in quotes if it is a number',
    ],
    [
      'a password is given once',
      '{username: a, password: b, passwordFile: c}',
      'passwordFile',
      'a password beside it',
      'either password or passwordFile',
    ],
    [
      'a username needs a password',
      '{username: a}',
      'password',
      'nothing',
      'a password, since there is a username',
    ],
    [
      'a password needs a username',
      '{password: a}',
      'username',
      'nothing',
      'a username, since there is a password',
    ],
  ])('%s', (_rule, settings, key, found, wanted) => {
    const path = `upstreams["docker.io"].${key}`
    expect(problemsOf(settings)).toEqual([{ path, found, wanted }])
  })
})

describe("an upstream's name is refused", () => {
  test.each([
    ['Docker Hub has one entry', 'index.docker.io', 'the name docker.io'],
    ["Docker Hub's registry is the same", 'registry-1.docker.io', 'the name docker.io'],
    ['a host is in lower case', 'Quay.io', 'the name quay.io'],
    ['a port stands after a colon', 'host_5000', 'the name host:5000'],
    ['a URL is no name', '"https://quay.io"', host],
    ['a path is no name', 'quay.io/team', host],
    ['a port has an end', '"quay.io:70000"', host],
  ])('%s', (_rule, key, wanted) => {
    const found = key.replaceAll('"', '')
    expect(findProblems(`upstreams: {docker.io: {}, ${key}: {}}`)).toEqual([
      { path: `upstreams["${found}"]`.replace('["host_5000"]', '.host_5000'), found, wanted },
    ])
  })

  test('the default upstream must be among them', () => {
    expect(findProblems('upstreams: {quay.io: {}, ghcr.io: {}}')).toEqual([
      {
        path: 'defaultUpstream',
        found: 'docker.io',
        wanted: 'one of the upstreams (quay.io, ghcr.io)',
      },
    ])
  })

  test.each([
    ['url', 'https://x', 'https://x'],
    ['username', 'someone', 'someone'],
    ['password', 'hunter2', 'a text (not shown)'],
    ['passwordFile', 'secret', 'secret'],
  ])('the entry for every host has no %s', (key, value, found) => {
    expect(findProblems(`upstreams: {"*": {${key}: "${value}"}}`)).toEqual([
      {
        path: `upstreams["*"].${key}`,
        found,
        wanted: `no ${key}: "*" stands for every host; name the host to give it one`,
      },
    ])
  })
})
