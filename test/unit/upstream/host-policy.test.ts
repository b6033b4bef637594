import { describe, expect, test } from 'vitest'
import { isListedHost, isOwnRealm, isPublicAddress } from '../../../src/upstream/host-policy.ts'

describe('an address is public', () => {
  test.each([
    ['of IPv4', '1.1.1.1'],
    ['of IPv4, just outside a private block', '172.32.0.1'],
    ['of IPv6', '2606:4700::1111'],
    ['of IPv4, mapped into IPv6', '::ffff:8.8.8.8'],
  ])('%s', (_rule, address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('an address is not public', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['anything of loopback', '127.255.0.9'],
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private, ten', '10.0.0.1'],
    ['private, 172', '172.16.0.1'],
    ['private, 192', '192.168.1.1'],
    ['shared by a carrier', '100.64.0.1'],
    ['a cloud’s metadata', '169.254.169.254'],
    ['link-local', '169.254.0.1'],
    ['for protocols', '192.0.0.192'],
    ['for documents', '203.0.113.1'],
    ['for benchmarks', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['loopback of IPv6', '::1'],
    ['this host of IPv6', '::'],
    ['link-local of IPv6', 'fe80::1'],
    ['link-local with its zone', 'fe80::1%eth0'],
    ['unique local', 'fd12:3456::1'],
    ['a cloud’s metadata over IPv6', 'fd00:ec2::254'],
    ['site-local', 'fec0::1'],
    ['multicast of IPv6', 'ff02::1'],
    ['for documents of IPv6', '2001:db8::1'],
    ['loopback, mapped into IPv6', '::ffff:127.0.0.1'],
    ['loopback, mapped and in hex', '::ffff:7f00:1'],
    ['metadata, mapped into IPv6', '::ffff:169.254.169.254'],
    ['loopback, translated', '::ffff:0:127.0.0.1'],
    ['private, through NAT64', '64:ff9b::a00:1'],
    ['metadata, through NAT64', '64:ff9b::a9fe:a9fe'],
    ['loopback, through a local NAT64', '64:ff9b:1::7f00:1'],
    ['loopback, through 6to4', '2002:7f00:1::'],
    ['through Teredo', '2001::1'],
    ['loopback, within IPv6 as it once was', '::127.0.0.1'],
    ['the same in hex', '::7f00:1'],
    ['private, within IPv6 as it once was', '::a00:1'],
    ['loopback, written short', '127.1'],
    ['loopback, written as one number', '2130706433'],
    ['loopback, written in octal', '0177.0.0.1'],
    ['a name', 'localhost'],
    ['nothing', ''],
  ])('%s', (_rule, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

function isOwn(realm: string, registry: string): Promise<boolean> {
  return isOwnRealm(new URL(realm), new URL(registry))
}

describe('a realm is the registry’s own', () => {
  test.each([
    ['on the same host', 'https://ghcr.io/token', 'https://ghcr.io'],
    ['on another port of it', 'https://reg.example:8443/token', 'https://reg.example'],
    ['under the same domain', 'https://auth.docker.io/token', 'https://registry-1.docker.io'],
    ['above it', 'https://gitlab.com/jwt/auth', 'https://registry.gitlab.com'],
    ['under a domain of two suffixes', 'https://auth.foo.co.uk/', 'https://reg.foo.co.uk'],
    ['with https where the registry has none', 'https://reg.example/token', 'http://reg.example'],
    ['without https where the registry has none', 'http://10.0.0.1:81/token', 'http://10.0.0.1:80'],
    ['on the same address of IPv6', 'https://[2001:db8::1]:81/', 'https://[2001:db8::1]'],
    ['on the same name inside', 'http://registry:81/token', 'http://registry:5000'],
  ])('%s', async (_rule, realm, registry) => {
    expect(await isOwn(realm, registry)).toBe(true)
  })
})

describe('a realm is a stranger’s', () => {
  test.each([
    ['under another domain', 'https://auth.evil.example/token', 'https://ghcr.io'],
    ['under a name that ends alike', 'https://evildocker.io/token', 'https://registry-1.docker.io'],
    ['with the domain in front', 'https://docker.io.evil.example/', 'https://registry-1.docker.io'],
    ['with the domain as its user', 'https://docker.io@evil.example/', 'https://docker.io'],
    ['under the same suffix only', 'https://foo.co.uk/', 'https://bar.co.uk'],
    ['of another user of GitHub Pages', 'https://evil.github.io/', 'https://reg.github.io'],
    ['of another bucket', 'https://evil.s3.amazonaws.com/', 'https://reg.s3.amazonaws.com'],
    ['of another address', 'https://10.0.0.2/', 'https://10.0.0.1'],
    ['of another name inside', 'http://evil/', 'http://registry'],
    ['of another name under a suffix inside', 'http://evil.lan/', 'http://registry.lan'],
    ['without https, on the same host', 'http://ghcr.io/token', 'https://ghcr.io'],
    ['without https, under the same domain', 'http://auth.docker.io/', 'https://docker.io'],
    ['of another scheme', 'ftp://reg.example/', 'http://reg.example'],
    ['with a user and a password', 'https://me:secret@ghcr.io/', 'https://ghcr.io'],
  ])('%s', async (_rule, realm, registry) => {
    expect(await isOwn(realm, registry)).toBe(false)
  })
})

test.each([
  ['a host stands for all its ports', 'http://minio.lan:9000/b', ['minio.lan'], true],
  ['a host and port stand for that port', 'http://minio.lan:9000/b', ['minio.lan:9000'], true],
  ['the usual port of https may be named', 'https://minio.lan/b', ['minio.lan:443'], true],
  ['the usual port of http may be named', 'http://minio.lan/b', ['minio.lan:80'], true],
  ['another port is not listed', 'http://minio.lan:9001/b', ['minio.lan:9000'], false],
  ['a host under it is not listed', 'http://a.minio.lan/b', ['minio.lan'], false],
  ['a host that ends alike is not listed', 'http://evilminio.lan/b', ['minio.lan'], false],
  ['nothing lists nobody', 'http://minio.lan/b', [], false],
])('allowHosts: %s', (_rule, url, hosts, expected) => {
  expect(isListedHost(new URL(url), hosts)).toBe(expected)
})
