import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConfigError } from '../../../src/config/config-error.ts'
import { describeConfig } from '../../../src/config/describe-config.ts'
import { loadConfig, readConfig } from '../../../src/config/load-config.ts'
import { runToSuccess } from '../../support/lab/background-process.ts'
import { type Certificates, makeCertificates } from '../../support/lab/certificates.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const wantedCert =
  "a PEM file with the server's certificate first, then those between it and its CA"
const wantedKey = "a PEM file that holds the certificate's private key"

const wantedClientCa =
  "a PEM file with the certificate of each CA that clients' certificates are from, and no key"

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
    'ca.pem': chained.ca,
    'between.pem': blocks[1] ?? '',
    'cas.pem': chained.ca + other.ca + blocks[1],
    'ca-and-server.pem': chained.ca + other.cert,
    'ca-and-key.pem': chained.ca + other.key,
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

const load = async (cert: string, key: string, others: object = {}) => {
  const file = inside('mirrors.yaml')
  await writeFile(file, JSON.stringify({ tls: { cert, key, ...others } }))
  return loadConfig(file, {})
}

const refusalOf = async (cert: string, key: string, others?: object): Promise<ConfigError> => {
  return load(cert, key, others).then(
    () => Promise.reject(new Error('it was accepted')),
    (error: ConfigError) => error,
  )
}

test('the certificate, with those that follow it, and the key are read', async () => {
  const { tls } = await load('cert.pem', 'key.pem')
  const paths = { cert: inside('cert.pem'), key: inside('key.pem') }
  expect(tls).toEqual({
    ...paths,
    certPem: chained.cert,
    keyPem: chained.key,
    clientCa: undefined,
    clientCaPem: undefined,
    clientCertificates: 'optional',
  })
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

test("the CAs of clients' certificates are read, and who has none of them comes in", async () => {
  const { tls } = await load('cert.pem', 'key.pem', { clientCa: 'cas.pem' })
  const { clientCa, clientCaPem, clientCertificates } = tls ?? {}
  expect(clientCa).toBe(inside('cas.pem'))
  expect(clientCaPem?.match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
  expect(clientCertificates).toBe('optional')
})

test('that a certificate is required is printed beside the path of the CA', async () => {
  const others = { clientCa: 'ca.pem', clientCertificates: 'required' }
  const printed = describeConfig(await load('cert.pem', 'key.pem', others))
  expect(printed).toContain(`  clientCa: ${inside('ca.pem')}\n  clientCertificates: required\n`)
  expect(printed).not.toMatch(/BEGIN|Pem/)
})

describe("a file for the CA of clients' certificates", () => {
  test.each([
    ['that is missing', 'missing', /^no file at .*\/missing$/],
    ['that is empty', 'empty.pem', /^.*\/empty\.pem, which holds no certificate$/],
    ['that is cut', 'cut-cert.pem', /^.*\/cut-cert\.pem, which holds no certificate$/],
    ['that is a key', 'key.pem', /^.*\/key\.pem, which holds a private key$/],
    ["with the CA's key", 'ca-and-key.pem', /^.*\/ca-and-key\.pem, which holds a private key$/],
    [
      'that cannot be read',
      'broken-cert.pem',
      /^.*\/broken-cert\.pem, which holds a certificate that cannot be read$/,
    ],
    [
      'with a CA whose own is missing',
      'between.pem',
      /^.*\/between\.pem, which holds the CA CN=between without the one above it that signed it$/,
    ],
    [
      "with a server's certificate behind it",
      'ca-and-server.pem',
      /^.*\/ca-and-server\.pem, which holds a certificate that is no CA's \(CN=localhost\)$/,
    ],
  ])('%s is a problem', async (_rule, clientCa, found) => {
    const { problems } = await refusalOf('cert.pem', 'key.pem', { clientCa })
    expect(problems).toEqual([
      { path: 'tls.clientCa', found: expect.stringMatching(found), wanted: wantedClientCa },
    ])
  })

  test('is reported beside a certificate that is missing', async () => {
    const { problems } = await refusalOf('missing', 'key.pem', { clientCa: 'empty.pem' })
    expect(problems.map(({ path }) => path)).toEqual(['tls.cert', 'tls.clientCa'])
  })

  test('is named with the others, so that its changes are seen, also while it is missing', async () => {
    await writeFile(
      inside('mirrors.yaml'),
      'tls: {cert: cert.pem, key: key.pem, clientCa: missing}',
    )
    const { files } = await readConfig(inside('mirrors.yaml'), {})
    expect(files).toContain(inside('missing'))
  })
})

test("what is said of clients' certificates without their CA is a problem", async () => {
  const { problems } = await refusalOf('cert.pem', 'key.pem', { clientCertificates: 'required' })
  const wanted = "clientCa beside it: the PEM file of the CA that clients' certificates are from"
  expect(problems).toEqual([{ path: 'tls.clientCertificates', found: 'required alone', wanted }])
})

test('there are two ways to ask for one', async () => {
  const others = { clientCa: 'ca.pem', clientCertificates: 'always' }
  const { problems } = await refusalOf('cert.pem', 'key.pem', others)
  expect(problems).toEqual([
    { path: 'tls.clientCertificates', found: 'always', wanted: 'one of optional, required' },
  ])
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
