import { expect, test } from 'vitest'
import { restartKeys, takeUp } from '../../../src/config/restart-keys.ts'
import { checkYaml } from './check-yaml.ts'

test.each([
  ['nothing changed', '', []],
  ['a written default is no change', 'listen: 0.0.0.0:5000', []],
  ['an upstream is taken up while running', 'upstreams: {docker.io: {tagTtl: 1h}}', []],
  ['a listener needs a restart', 'listen: 0.0.0.0:5002', ['listen']],
  ['so does the second one', 'dockerListen: 0.0.0.0:5002', ['dockerListen']],
  ['so does the folder', 'data: /x', ['data']],
  ['so does the store', 'store: {blobs: s3://abc}', ['store']],
  ['several are named', 'threads: 2\ntls: {cert: a, key: b}\noffline: true', ['threads', 'tls']],
  ['tls needs one to be switched on', 'tls: {cert: a, key: b}', ['tls']],
])('%s', (_rule, text, keys) => {
  expect(restartKeys(checkYaml(''), checkYaml(text))).toEqual(keys)
})

test.each([
  ['other files of tls are taken up while running', 'tls: {cert: c, key: b}', []],
  ['to switch tls off needs a restart', 'tls: none', ['tls']],
])('%s', (_rule, text, keys) => {
  expect(restartKeys(checkYaml('tls: {cert: a, key: b}'), checkYaml(text))).toEqual(keys)
})

const withClients = (value: string) => checkYaml(`tls: {cert: a, key: b, ${value}}`)

test.each([
  [
    'another CA of clients is taken up while running',
    'clientCa: d, clientCertificates: required',
    [],
  ],
  [
    'to ask for none any more needs a restart',
    'clientCa: none',
    ['tls.clientCa', 'tls.clientCertificates'],
  ],
  ['so does whether they must', 'clientCa: c', ['tls.clientCertificates']],
])('%s', (_rule, text, keys) => {
  const previous = withClients('clientCa: c, clientCertificates: required')
  expect(restartKeys(previous, withClients(text))).toEqual(keys)
})

test('what is asked of clients stays as it is until then, beside a certificate that is renewed', () => {
  const running = withClients('clientCa: c, clientCertificates: required')
  const without = takeUp(running, checkYaml('tls: {cert: x, key: b}')).tls
  expect(without).toEqual({ ...running.tls, cert: without?.cert })
  expect(without?.cert).toMatch(/x$/)
  const other = takeUp(running, withClients('clientCa: d')).tls
  expect(other?.clientCa).toMatch(/d$/)
  expect(other?.clientCertificates).toBe('required')
  const asking = takeUp(checkYaml('tls: {cert: a, key: b}'), running).tls
  expect(asking?.clientCa).toBeUndefined()
})

test('what waits for a restart stays as it is, and all else is taken up', () => {
  const running = checkYaml('data: /one')
  const next = checkYaml('data: /two\nthreads: 2\noffline: true\ntls: {cert: a, key: b}')
  expect(takeUp(running, next)).toEqual({ ...running, offline: true })
  const renewed = takeUp(checkYaml('tls: {cert: a, key: b}'), checkYaml('tls: {cert: c, key: b}'))
  expect(renewed.tls?.cert).toMatch(/c$/)
})
