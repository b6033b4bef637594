import { describe, expect, test } from 'vitest'
import { checkConfig } from '../../../src/config/check-config.ts'
import type { Config } from '../../../src/config/config.ts'
import { describeConfig } from '../../../src/config/describe-config.ts'
import { interpolate } from '../../../src/config/environment.ts'
import { parseYaml } from '../../../src/config/parse-yaml.ts'
import { checkYaml, folder } from './check-yaml.ts'

const everything = `
listen: "[::]:0"
dockerListen: 127.0.0.1:5001
upstreams:
  docker.io: {url: [https://a.io, https://b.io], tagTtl: 90s, bandwidth: 50MB/s, maxSize: 10GiB}
  quay.io: {username: "true", passwordFile: secret, ca: ca.pem, allowHosts: [10.0.0.5], private: true}
  "*": {allow: [], deny: ["a b: c", "$\{HOME}"], onGone: serve}
offline: true
space: {high: 7%, low: 0.5%, maxSize: 1025B, minFree: 0, minAge: 0, pins: ["*"]}
hosted: {retention: [{repositories: a, keepLast: 5}, {repositories: [b, c], tags: "^x$", maxAge: 30d}]}
access: {anonymous: none, groups: {ops: [a, b]}, rules: [{who: ops, repositories: "#**", may: [pull, admin]}]}
threads: 3
tls: {cert: a, key: b, clientCa: c, clientCertificates: required}
trustedProxies: [10.0.0.0/8]
clients: {ci: [10.0.0.1, "fd00::/8"]}
pricePerGB: 0.000001 EUR
webhooks: [{url: "https://x/y?z", events: [push]}]
warm: [{images: [a:1]}, {images: [b], schedule: "@daily", platforms: [linux/amd64]}]
store: {blobs: {url: s3://bucket/a/b, region: eu-central-1}, metadata: postgres://host/db}
log: {level: debug}
`

const again = (config: Config): Config | undefined => {
  const { data } = interpolate(parseYaml(describeConfig(config)).data, {})
  return checkConfig(data, { folder: '/elsewhere', texts: new Map() }).config
}

describe('what is printed loads to the same configuration', () => {
  test.each([
    ['with all defaults', ''],
    ['with everything set', everything],
  ])('%s, from any folder', (_rule, text) => {
    const config = checkYaml(text)
    expect(again(config)).toStrictEqual(config)
  })
})

test('units are those that people write', () => {
  const text = describeConfig(checkYaml(everything))
  for (const line of [
    'tagTtl: 90s',
    'missTtl: 30s',
    'bandwidth: 50MB/s',
    'maxSize: 10GiB',
    'high: 7%',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
})

describe('a secret is not printed', () => {
  test.each([
    ["an upstream's password", 'upstreams: {docker.io: {username: a, password: hunter2}}'],
    ["a webhook's secret", 'webhooks: [{url: "https://x", secret: hunter2}]'],
    ["a webhook's login", 'webhooks: [{url: "https://u:hunter2@x"}]'],
    ['a key of S3', 'store: {blobs: {url: s3://abc, accessKeyId: a, secretAccessKey: hunter2}}'],
    [
      'a login in the endpoint of S3',
      'store: {blobs: {url: s3://abc, endpoint: "https://u:hunter2@minio"}}',
    ],
    ["a database's password", 'store: {metadata: "postgres://u:hunter2@h/db"}'],
    [
      "a database's password as a parameter",
      'store: {metadata: "postgres://h/db?password=hunter2"}',
    ],
  ])('%s', (_rule, text) => {
    const printed = describeConfig(checkYaml(text))
    expect(printed).not.toContain('hunter2')
    expect(printed.replace(/^#.*$/gm, '')).toContain('***')
    expect(printed).toMatch(/^# Secrets are shown as \*\*\*/m)
  })

  test('nor is what a password file holds', () => {
    const { data } = parseYaml('upstreams: {docker.io: {username: a, passwordFile: secret}}')
    const texts = new Map([[`${folder}/secret`, 'hunter2']])
    const { config } = checkConfig(data, { folder, texts })
    expect(config?.upstreams.get('docker.io')?.password).toBe('hunter2')
    expect(config && describeConfig(config)).not.toMatch(/hunter2|password: "?\*/)
  })
})
