import { describe, expect, test } from 'vitest'
import { webhookEvents } from '../../../src/config/config.ts'
import { checkYaml, findProblems } from './check-yaml.ts'

describe('a value is taken', () => {
  test.each([
    [
      'an IPv6 address stands in brackets',
      'listen: "[::]:5000"',
      { listen: { host: '::', port: 5000 } },
    ],
    [
      'port 0 lets the system choose',
      'listen: localhost:0',
      { listen: { host: 'localhost', port: 0 } },
    ],
    ['none switches a listener off', 'dockerListen: none', { dockerListen: undefined }],
    ['an empty text is none as well', 'dockerListen: ""', { dockerListen: undefined }],
    ["paths start at the file's folder", 'data: ../cache', { data: '/etc/cache' }],
    ['an absolute path stays', 'data: /var/cache', { data: '/var/cache' }],
    ['a flag may come from the environment', 'offline: "true"', { offline: true }],
    ['threads may be counted', 'threads: 64', { threads: 64 }],
    ['threads may come from the environment', 'threads: "4"', { threads: 4 }],
    ['tls may be none', 'tls: none', { tls: undefined }],
    [
      'tls has a certificate and a key',
      'tls: {cert: a.pem, key: /b.pem}',
      { tls: { cert: '/etc/entrepot/a.pem', key: '/b.pem' } },
    ],
    [
      'one range stands for a list',
      'trustedProxies: 10.0.0.0/8',
      { trustedProxies: ['10.0.0.0/8'] },
    ],
    [
      'an address is a range of one',
      'trustedProxies: [10.0.0.1]',
      { trustedProxies: ['10.0.0.1/32'] },
    ],
    ['an IPv6 address too', 'trustedProxies: ["::1"]', { trustedProxies: ['::1/128'] }],
    [
      'a price has a currency',
      'pricePerGB: 0.09 USD',
      { pricePerGB: { amount: 0.09, currency: 'USD' } },
    ],
    [
      'the default upstream may have any of its names',
      'defaultUpstream: index.docker.io',
      { defaultUpstream: 'docker.io' },
    ],
    ['the log can be silent', 'log: {level: silent}', { log: { level: 'silent' } }],
    ['space may be capped', 'space: {maxSize: 50GiB}', { space: { maxSizeBytes: 53_687_091_200 } }],
    [
      'a pushed repository may keep its newest tags only',
      'hosted: {retention: [{repositories: "iac/**", tags: "^v[0-9]$", keepLast: 5, maxAge: 30d}]}',
      {
        hosted: {
          retention: [
            { repositories: ['iac/**'], tags: '^v[0-9]$', keepLast: 5, maxAgeMs: 2_592_000_000 },
          ],
        },
      },
    ],
    [
      'a rule says who may do what',
      'access: {anonymous: none, groups: {devs: [alice, bob@corp]}, rules: [{who: ci, repositories: "team/**", may: [pull, push]}]}',
      {
        access: {
          anonymous: 'none',
          groups: new Map([['devs', ['alice', 'bob@corp']]]),
          rules: [{ who: 'ci', repositories: ['team/**'], may: ['pull', 'push'] }],
        },
      },
    ],
    [
      'a webhook without events wants every event',
      'webhooks: [{url: "https://hooks.local/x?y=1"}]',
      {
        webhooks: [{ url: 'https://hooks.local/x?y=1', secret: undefined, events: webhookEvents }],
      },
    ],
    [
      'images are warmed by the clock',
      'warm: [{schedule: "0 3 * * *", platforms: [linux/arm/v7], images: [docker.io/library/a:1]}]',
      {
        warm: [
          { schedule: '0 3 * * *', platforms: ['linux/arm/v7'], images: ['docker.io/library/a:1'] },
        ],
      },
    ],
    [
      'blobs may lie in S3',
      'store: {blobs: s3://bucket/some/prefix/}',
      { store: { blobs: { kind: 's3', bucket: 'bucket', prefix: 'some/prefix' } } },
    ],
    [
      'S3 may be elsewhere than at Amazon',
      'store: {blobs: {url: s3://bucket, endpoint: "http://minio:9000", accessKeyId: a, secretAccessKey: b}}',
      {
        store: {
          blobs: {
            kind: 's3',
            bucket: 'bucket',
            prefix: '',
            endpoint: 'http://minio:9000/',
            region: undefined,
            accessKeyId: 'a',
            secretAccessKey: 'b',
          },
        },
      },
    ],
    [
      'metadata may lie in PostgreSQL',
      'store: {metadata: "postgres://u:p@h/db"}',
      { store: { metadata: { kind: 'postgres', url: 'postgres://u:p@h/db' } } },
    ],
  ])('%s', (_rule, text, expected) => {
    expect(checkYaml(text)).toMatchObject(expected)
  })

  test('a client may have one range or several', () => {
    const { clients } = checkYaml('clients: {ci: 10.0.3.0/24, office: [10.1.0.0/16, "fd00::/8"]}')
    expect([...clients]).toEqual([
      ['ci', ['10.0.3.0/24']],
      ['office', ['10.1.0.0/16', 'fd00::/8']],
    ])
  })
})

const address = 'an address with its port, such as 0.0.0.0:5000 or [::]:5000'
const range = 'a range of addresses such as 10.0.3.0/24'
const blobs = 'file, s3://bucket/prefix, or a mapping with url, endpoint, region'
const metadata = 'sqlite, or postgres://user:password@host/database'

describe('a value is refused', () => {
  test.each([
    [
      'a mapping is no address, whatever it calls itself',
      'listen: {toString: 1}',
      'listen',
      'a mapping',
      address,
    ],
    [
      'a mapping is no price',
      'pricePerGB: {toString: 1}',
      'pricePerGB',
      'a mapping',
      'an amount and a currency, such as 0.09 USD',
    ],
    ['a port alone is no address', 'listen: 5000', 'listen', '5000', address],
    ['an address needs a port', 'listen: 0.0.0.0', 'listen', '0.0.0.0', address],
    ['a port has an end', 'listen: 0.0.0.0:65536', 'listen', '0.0.0.0:65536', address],
    ['an IPv4 address has four parts', 'listen: 1.2.3:80', 'listen', '1.2.3:80', address],
    ['IPv6 needs its brackets', 'listen: ":::5000"', 'listen', ':::5000', address],
    [
      'two listeners do not share a port',
      'dockerListen: 0.0.0.0:5000',
      'dockerListen',
      '0.0.0.0:5000',
      'a port of its own, beside listen',
    ],
    ['data needs a path', 'data: ""', 'data', 'an empty text', 'the path of a file or folder'],
    ['yes is a text in YAML 1.2', 'offline: yes', 'offline', 'yes', 'true or false'],
    ['threads have an end', 'threads: 65', 'threads', '65', 'auto, or a whole number from 1 to 64'],
    [
      'tls needs both files',
      'tls: {cert: a}',
      'tls.key',
      'nothing',
      'the path of a file or folder',
    ],
    ['tls is no flag', 'tls: true', 'tls', 'true', 'none, or {cert: file, key: file}'],
    [
      'a short range could mean two things',
      'trustedProxies: [10.1/16]',
      'trustedProxies[0]',
      '10.1/16',
      range,
    ],
    [
      'a range of addresses has no zone',
      'trustedProxies: ["fe80::1%eth0"]',
      'trustedProxies[0]',
      'fe80::1%eth0',
      range,
    ],
    [
      'a range has at most 32 bits',
      'trustedProxies: [10.0.0.0/33]',
      'trustedProxies[0]',
      '10.0.0.0/33',
      range,
    ],
    ['a client needs a range', 'clients: {ci: []}', 'clients.ci', 'nothing', range],
    [
      'no client is called as the server is',
      'clients: {server: 10.0.0.1}',
      'clients.server',
      'server',
      'another name: reports call this server so',
    ],
    ['clients have names', 'clients: [10.0.0.0/8]', 'clients', 'a list', 'a mapping of names'],
    [
      'a price needs a currency',
      'pricePerGB: 0.09',
      'pricePerGB',
      '0.09',
      'an amount and a currency, such as 0.09 USD',
    ],
    [
      'a level is one of seven',
      'log: {level: warning}',
      'log.level',
      'warning',
      'one of trace, debug, info, warn, error, fatal, silent',
    ],
    [
      'eviction stops below where it starts',
      'space: {low: 85%}',
      'space.low',
      '85%',
      'a share below space.high, which is 85%',
    ],
    [
      'a pattern is not empty',
      'space: {pins: [""]}',
      'space.pins[0]',
      'an empty text',
      'a pattern such as library/* or team/**',
    ],
    [
      'a pattern takes nothing out of a list',
      'access: {rules: [{who: alice, repositories: ["team/**", "!team/secret/**"], may: pull}]}',
      'access.rules[0].repositories[1]',
      '!team/secret/**',
      'a pattern without "!" in front: each of a list lets in what it matches, and none takes anything out',
    ],
    [
      'retention keeps something',
      'hosted: {retention: [{repositories: a}]}',
      'hosted.retention[0]',
      'neither keepLast nor maxAge',
      'at least one of them',
    ],
    [
      'retention keeps at least one',
      'hosted: {retention: {repositories: a, keepLast: 0}}',
      'hosted.retention[0].keepLast',
      '0',
      'a whole number from 1 to 1000000',
    ],
    [
      'a pattern takes no time over any name',
      'hosted: {repositories: "team/*a*a*a*b"}',
      'hosted.repositories[0]',
      'team/*a*a*a*b',
      'a pattern with at most 3 * between two slashes, and one more at their end',
    ],
    [
      'everyone may do one of three things',
      'access: {anonymous: all}',
      'access.anonymous',
      'all',
      'one of none, pull, push',
    ],
    [
      'a rule says who',
      'access: {rules: [{repositories: a, may: pull}]}',
      'access.rules[0].who',
      'nothing',
      'anonymous, users (whoever is logged in), or the name of a user, a token or a group',
    ],
    [
      'a group has a name of its own',
      'access: {groups: {users: [alice]}}',
      'access.groups.users',
      'users',
      'a name such as alice: at most 64 letters, digits, ".", "_", "@", "-", and not anonymous, users, operator',
    ],
    [
      'nobody in particular is no admin',
      'access: {rules: [{who: anonymous, repositories: a, may: [pull, admin]}]}',
      'access.rules[0].may',
      'admin for anonymous',
      'pull, push or delete',
    ],
    [
      'a rule says what',
      'access: {rules: [{who: a, repositories: a}]}',
      'access.rules[0].may',
      'nothing',
      'pull, push, delete or admin',
    ],
    [
      'a webhook has a URL',
      'webhooks: [{events: push}]',
      'webhooks[0].url',
      'nothing',
      'a URL that begins with https:// or http://',
    ],
    [
      'a webhook goes over HTTP',
      'webhooks: [{url: "ftp://x/y"}]',
      'webhooks[0].url',
      'ftp://x/…',
      'a URL that begins with https:// or http://',
    ],
    [
      'an event is one that webhooks can be told',
      'webhooks: [{url: "http://x", events: [push, pushed]}]',
      'webhooks[0].events[1]',
      'pushed',
      `one of ${webhookEvents.join(', ')}`,
    ],
    [
      'a schedule is for cron',
      'warm: [{schedule: nightly, images: a}]',
      'warm[0].schedule',
      'nightly',
      'a cron expression such as 0 3 * * *',
    ],
    [
      'a platform has a system',
      'warm: [{platforms: amd64, images: a}]',
      'warm[0].platforms[0]',
      'amd64',
      'a platform such as linux/amd64',
    ],
    [
      'something is warmed',
      'warm: [{}]',
      'warm[0].images',
      'nothing',
      'an image such as docker.io/library/node:20-alpine',
    ],
    ['blobs lie in files or S3', 'store: {blobs: gcs://x}', 'store.blobs', 'gcs://x', blobs],
    [
      'a bucket has a legal name',
      'store: {blobs: s3://A}',
      'store.blobs',
      's3://A',
      's3://bucket/prefix',
    ],
    [
      'credentials are two',
      'store: {blobs: {url: s3://abc, accessKeyId: a}}',
      'store.blobs.secretAccessKey',
      'nothing',
      'accessKeyId and secretAccessKey, or neither of them',
    ],
    [
      'metadata lies in one of two',
      'store: {metadata: sqllite}',
      'store.metadata',
      'sqllite',
      metadata,
    ],
    [
      "a database's password is not shown",
      'store: {metadata: "mysql://u:hunter2@h"}',
      'store.metadata',
      'mysql://***@h',
      metadata,
    ],
    [
      "a webhook's secret is not shown",
      'webhooks: [{url: "http://x", secret: 1234}]',
      'webhooks[0].secret',
      'a number (not shown)',
      'a text, in quotes if it is a number',
    ],
    ['a section is a mapping', 'log: loud', 'log', 'a text', 'a mapping with level'],
  ])('%s', (_rule, text, path, found, wanted) => {
    expect(findProblems(text)).toEqual([{ path, found, wanted }])
  })
})

describe('an unknown key is refused', () => {
  test.each([
    [
      'with the key that was probably meant',
      'dockerlisten: x',
      'dockerlisten',
      'did you mean dockerListen?',
    ],
    ['also when letters are mixed up', 'ofline: true', 'ofline', 'did you mean offline?'],
    ['inside a section', 'space: {minfree: 1GiB}', 'space.minfree', 'did you mean minFree?'],
    [
      'inside an upstream',
      'upstreams: {docker.io: {passwrod: hunter2}}',
      'upstreams["docker.io"].passwrod',
      'did you mean password?',
    ],
    [
      'inside a list',
      'webhooks: [{url: "http://x", event: push}]',
      'webhooks[0].event',
      'did you mean events?',
    ],
    ['with all keys when none is near', 'log: {colour: red}', 'log.colour', 'one of level'],
  ])('%s', (_rule, text, path, wanted) => {
    const problems = findProblems(text)
    expect(problems).toEqual([
      { path, found: 'an unknown key', wanted: expect.stringContaining(wanted) },
    ])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })
})

test('all problems are found at once, also those between keys', () => {
  const text = `
listen: 5000
defaultUpstream: ghcr.io
upstreams:
  docker.io: {tagTtl: five, username: someone}
space: {minAge: long, high: 10%}
`
  expect(
    findProblems(text)
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual([
    'defaultUpstream',
    'listen',
    'space.low',
    'space.minAge',
    'upstreams["docker.io"].password',
    'upstreams["docker.io"].tagTtl',
  ])
})

test('a file that is no mapping is one problem', () => {
  expect(findProblems('- listen')).toEqual([
    {
      path: 'the whole file',
      found: 'a list',
      wanted: expect.stringMatching(/^a mapping with listen/),
    },
  ])
})
