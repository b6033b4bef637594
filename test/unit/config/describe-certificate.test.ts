import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TlsConfig } from '../../../src/config/config.ts'
import {
  expiryOf,
  hostForClients,
  listValidityFaults,
} from '../../../src/config/describe-certificate.ts'
import { makeCertificates } from '../../support/lab/certificates.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory
let tls: TlsConfig
let ca: string
let certificate: X509Certificate

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
  const made = await makeCertificates(directory.path)
  const noClients = { clientCa: undefined, clientCaPem: undefined } as const
  const own = { cert: '/c.pem', key: '/k.pem', certPem: made.cert, keyPem: made.key }
  tls = { ...own, ...noClients, clientCertificates: 'optional' }
  ca = made.ca
  certificate = new X509Certificate(made.cert)
})
afterAll(() => directory.remove())

test('a certificate is well from its first second to its last', () => {
  expect(listValidityFaults(tls, certificate.validFromDate.getTime())).toEqual([])
  expect(listValidityFaults(tls, certificate.validToDate.getTime())).toEqual([])
})

test('one that has expired is named, with the day', () => {
  const day = certificate.validToDate.toISOString().slice(0, 10)
  const [fault] = listValidityFaults(tls, certificate.validToDate.getTime() + 1_000)
  expect(fault).toBe(`the certificate in /c.pem expired on ${day}, and clients refuse it: renew it`)
  expect(expiryOf(tls)).toBe(day)
})

test('so is one that is of the future, as for a clock that is wrong', () => {
  const [fault] = listValidityFaults(tls, certificate.validFromDate.getTime() - 1_000)
  expect(fault).toMatch(/^the certificate in \/c\.pem is valid only from \d{4}-\d\d-\d\d, .*clock/)
})

test("the CA of clients' certificates is named too, beside the server's own", () => {
  const withCa = { ...tls, clientCa: '/ca.pem', clientCaPem: ca }
  const laterMs = certificate.validToDate.getTime() + 60_000
  expect(listValidityFaults(withCa, certificate.validFromDate.getTime())).toEqual([])
  expect(listValidityFaults(withCa, laterMs)).toEqual([
    expect.stringMatching(/^the certificate in \/c\.pem expired on .*, and clients refuse it/),
    expect.stringMatching(
      /^the CA CN=CA in \/ca\.pem expired on .*, and clients' certificates of it are refused/,
    ),
  ])
})

test.each([
  ['a name that it holds stays', 'localhost', 'localhost'],
  ['an address that it holds stays', '127.0.0.1', '127.0.0.1'],
  ['another name gives way to one that it holds', 'nas.lan', 'localhost'],
  ['another address too', '10.0.0.1', 'localhost'],
])('of hosts, %s', (_rule, host, told) => {
  expect(hostForClients(tls, host)).toBe(told)
})
