import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConfigError } from '../../../src/config/config-error.ts'
import { describeConfig } from '../../../src/config/describe-config.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { runToSuccess } from '../../support/lab/background-process.ts'
import { type Certificates, makeCertificates } from '../../support/lab/certificates.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const wantedCert =
  "a PEM file with the server's certificate first, then those between it and its CA"
const wantedKey = "a PEM file that holds the certificate's private key"

let directory: TemporaryDirectory
let chained: Certificates

const inside = (name: string) => join(directory.path, name)
const openssl = (...parameters: string[]) => runToSuccess(['openssl', ...parameters])

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
  chained = await makeCertificates(inside('chained'), { isChained: true })
  const other = await makeCertificates(inside('other'))
  const blocks = chained.cert.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g) ?? []
  const brokenCert = other.cert.replace(/\n[A-Za-z0-9+/=\n]+\n/, '\nAAAA\n')
  const files = {
    'cert.pem': chained.cert,
    'key.pem': chained.key,
    'other-key.pem': other.key,
    'both.pem': chained.key + chained.cert,
    'wrong-order.pem': blocks.toReversed().join(''),
    'broken-cert.pem': blocks[0] + brokenCert,
    'cut-cert.pem': other.cert.slice(0, 300),
    'broken-key.pem': chained.key.replace(/\n[A-Za-z0-9+/=\n]+\n/, '\nAAAA\n'),
    'empty.pem': '',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(inside(name), text)
  const passphrase = ['-aes256', '-passout', 'pass:hunter2']
  await openssl('pkey', '-in', chained.keyFile, ...passphrase, '-out', inside('encrypted.pem'))
  const old = ['-traditional', '-out', inside('encrypted-old.pem')]
  await openssl('pkey', '-in', chained.keyFile, ...passphrase, ...old)
  const weak = ['-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=weak']
  const weakFiles = ['-out', inside('weak.pem'), '-keyout', inside('weak-key.pem')]
  await openssl('req', '-x509', ...weak, ...weakFiles)
})
afterAll(() => directory.remove())

const load = async (cert: string, key: string) => {
  const file = inside('mirrors.yaml')
  await writeFile(file, JSON.stringify({ tls: { cert, key } }))
  return loadConfig(file, {})
}

const refusalOf = async (cert: string, key: string): Promise<ConfigError> => {
  return load(cert, key).then(
    () => Promise.reject(new Error('it was accepted')),
    (error: ConfigError) => error,
  )
}

test('the certificate, with those that follow it, and the key are read', async () => {
  const { tls } = await load('cert.pem', 'key.pem')
  const paths = { cert: inside('cert.pem'), key: inside('key.pem') }
  expect(tls).toEqual({ ...paths, certPem: chained.cert, keyPem: chained.key })
})

test('one file may hold both', async () => {
  const { tls } = await load('both.pem', 'both.pem')
  expect(tls?.certPem).toBe(tls?.keyPem)
})

test('a certificate that has expired is accepted, so that the server starts at any hour', async () => {
  const expired = await makeCertificates(inside('expired'), { days: -1 })
  const { tls } = await load(expired.certFile, expired.keyFile)
  expect(tls?.certPem).toBe(expired.cert)
})

test('what is printed of it are the paths', async () => {
  const printed = describeConfig(await load('cert.pem', 'key.pem'))
  expect(printed).toContain(`\ntls:\n  cert: ${inside('cert.pem')}\n  key: ${inside('key.pem')}\n`)
  expect(printed).not.toMatch(/BEGIN|Pem/)
})

describe('a certificate', () => {
  test.each([
    ['that is missing', 'missing', /^no file at .*\/missing$/],
    ['that is a folder', 'other', /^a folder at .*\/other$/],
    ['that is empty', 'empty.pem', /^.*\/empty\.pem, which holds no certificate$/],
    ['that is cut', 'cut-cert.pem', /^.*\/cut-cert\.pem, which holds no certificate$/],
    ['that is the key', 'key.pem', /^.*\/key\.pem, which holds a private key$/],
    [
      'with one behind it that cannot be read',
      'broken-cert.pem',
      /^.*\/broken-cert\.pem, which holds a certificate that cannot be read$/,
    ],
    [
      'behind that of its CA',
      'wrong-order.pem',
      /^.*\/wrong-order\.pem, whose first certificate isn't the one of .*\/key\.pem$/,
    ],
  ])('%s is a problem', async (_rule, cert, found) => {
    const { problems } = await refusalOf(cert, 'key.pem')
    expect(problems).toEqual([
      { path: 'tls.cert', found: expect.stringMatching(found), wanted: wantedCert },
    ])
  })

  test('that nothing speaks TLS with is a problem, with the reason', async () => {
    const { problems } = await refusalOf('weak.pem', 'weak-key.pem')
    expect(problems).toEqual([
      {
        path: 'tls.cert',
        found: `${inside('weak.pem')}, which TLS can't be served with (ee key too small)`,
        wanted: expect.stringContaining('2048 bits'),
      },
    ])
  })
})

describe('a key', () => {
  test.each([
    ['that is missing', 'missing', /^no file at .*\/missing$/],
    ['that is empty', 'empty.pem', /^.*\/empty\.pem, which holds no private key$/],
    ['that is the certificate', 'cert.pem', /^.*\/cert\.pem, which holds a certificate$/],
    [
      'that cannot be read',
      'broken-key.pem',
      /^.*\/broken-key\.pem, which holds a private key that cannot be read$/,
    ],
    [
      'of another certificate',
      'other-key.pem',
      /^.*\/other-key\.pem, which isn't the key of the certificate in .*\/cert\.pem$/,
    ],
  ])('%s is a problem', async (_rule, key, found) => {
    const { problems } = await refusalOf('cert.pem', key)
    expect(problems).toEqual([
      { path: 'tls.key', found: expect.stringMatching(found), wanted: wantedKey },
    ])
  })

  test.each(['encrypted.pem', 'encrypted-old.pem'])(
    'with a passphrase is a problem, with how to remove it: %s',
    async (name) => {
      const { problems } = await refusalOf('cert.pem', name)
      expect(problems).toEqual([
        {
          path: 'tls.key',
          found: `${inside(name)}, whose private key is encrypted`,
          wanted: expect.stringContaining(`openssl pkey -in ${inside(name)} -out`),
        },
      ])
    },
  )
})

test('files that are both wrong are reported together', async () => {
  const { problems } = await refusalOf('missing', 'encrypted.pem')
  expect(problems.map(({ path }) => path)).toEqual(['tls.cert', 'tls.key'])
})

test('no problem shows anything of a key, not even of one in place of its path', async () => {
  const lines = (text: string) => text.split('\n').filter((line) => /^[\w+/=]{16,}$/.test(line))
  const refusals = [
    await refusalOf('cert.pem', chained.key),
    await refusalOf(chained.key, 'key.pem'),
    await refusalOf('key.pem', 'broken-key.pem'),
  ]
  const [found, wanted] = [
    'the text of a PEM file (not shown)',
    'the path of a PEM file, not what is in it',
  ]
  expect(refusals[0]?.problems).toEqual([{ path: 'tls.key', found, wanted }])
  expect(refusals[1]?.problems).toEqual([{ path: 'tls.cert', found, wanted }])
  expect(lines(chained.key).length).toBeGreaterThan(1)
  for (const { message } of refusals) {
    for (const line of lines(chained.key)) expect(message).not.toContain(line.slice(0, 12))
  }
})
