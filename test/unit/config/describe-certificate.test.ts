import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TlsConfig } from '../../../src/config/config.ts'
import {
  expiryOf,
  findValidityFault,
  hostForClients,
} from '../../../src/config/describe-certificate.ts'
import { makeCertificates } from '../../support/lab/certificates.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

let directory: TemporaryDirectory
let tls: TlsConfig
let certificate: X509Certificate

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
  const made = await makeCertificates(directory.path)
  tls = { cert: '/c.pem', key: '/k.pem', certPem: made.cert, keyPem: made.key }
  certificate = new X509Certificate(made.cert)
})
afterAll(() => directory.remove())

test('a certificate is well from its first second to its last', () => {
  expect(findValidityFault(tls, certificate.validFromDate.getTime())).toBeUndefined()
  expect(findValidityFault(tls, certificate.validToDate.getTime())).toBeUndefined()
})

test('one that has expired is named, with the day', () => {
  const day = certificate.validToDate.toISOString().slice(0, 10)
  const fault = findValidityFault(tls, certificate.validToDate.getTime() + 1_000)
  expect(fault).toBe(`the certificate in /c.pem expired on ${day}, and clients refuse it: renew it`)
  expect(expiryOf(tls)).toBe(day)
})

test('so is one that is of the future, as for a clock that is wrong', () => {
  const fault = findValidityFault(tls, certificate.validFromDate.getTime() - 1_000)
  expect(fault).toMatch(/^the certificate in \/c\.pem is valid only from \d{4}-\d\d-\d\d, .*clock/)
})

test.each([
  ['a name that it holds stays', 'localhost', 'localhost'],
  ['an address that it holds stays', '127.0.0.1', '127.0.0.1'],
  ['another name gives way to one that it holds', 'nas.lan', 'localhost'],
  ['another address too', '10.0.0.1', 'localhost'],
])('of hosts, %s', (_rule, host, told) => {
  expect(hostForClients(tls, host)).toBe(told)
})
