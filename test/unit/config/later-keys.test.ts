import { expect, test } from 'vitest'
import { laterKeys, listLater } from '../../../src/config/later-keys.ts'
import { checkYaml } from './check-yaml.ts'

const pathsOf = (text: string) => listLater(checkYaml(text)).map(({ path }) => path)

test('nothing is to come while everything is at its default', () => {
  expect(pathsOf('')).toEqual([])
  expect(pathsOf('upstreams: {docker.io: {private: false}, "*": {}}\nthreads: auto')).toEqual([])
})

test('what works already is not listed', () => {
  const text = `
listen: 127.0.0.1:1
dockerListen: 127.0.0.1:2
data: /x
defaultUpstream: quay.io
upstreams:
  quay.io: {url: "http://a", username: a, password: b, tagTtl: 1h, allow: [a], deny: [b],
    missTtl: 1s, onGone: serve, bandwidth: 1MB/s, private: true, prefetch: false, maxSize: 1GB,
    maxConnections: 1, connectTimeout: 1s, idleTimeout: 1s, allowHosts: [a]}
offline: true
space: {high: 80%, low: 70%, maxSize: 1GB, minFree: 2GiB, minAge: 2h, pins: [a]}
hosted: {repositories: [a], immutableTags: [a], retention: [{repositories: a, keepLast: 1}]}
access: {anonymous: none, groups: {b: c}, rules: [{who: b, repositories: a, may: pull}]}
tls: {cert: a, key: b}
trustedProxies: [10.0.0.1]
webhooks: [{url: "http://a"}]
pricePerGB: 1 EUR
log: {level: debug}
`
  expect(pathsOf(text)).toEqual([])
})

test('every row of the table is found when its key is set', () => {
  const text = `
threads: 2
clients: {a: 10.0.0.1}
warm: [{images: a}]
store: {blobs: s3://abc, metadata: "postgres://a/b"}
`
  expect(pathsOf(text)).toHaveLength(laterKeys.length)
})
