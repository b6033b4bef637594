import { expect, test } from 'vitest'
import type { SetupAnswer } from '../../../../src/answers/setup.ts'
import { readChoices } from '../../../../src/ui/setup/choices.ts'
import { wantedFrom } from '../../../../src/ui/setup/wanted.ts'

const setup: SetupAnswer = {
  address: { scheme: 'https', host: 'nas.lan', prefix: '', isProxied: false },
  upstreams: [
    { name: 'docker.io', isPrivate: false },
    { name: 'quay.io', isPrivate: false },
    { name: 'corp.example', isPrivate: true },
  ],
  anyUpstream: false,
  defaultUpstream: 'docker.io',
  views: [],
  pullsNeedLogin: false,
  pushes: { areOpen: false, repositories: ['**'] },
  tls: {
    names: ['nas.lan'],
    validUntil: '2027-01-01T00:00:00.000Z',
    issuer: 'CN=Home CA',
    isPublic: false,
    ca: { name: 'CN=Home CA', pem: 'PEM' },
    clientCertificates: 'required',
  },
  canLogIn: true,
}
const read = (query: string) => readChoices(new URLSearchParams(query), setup)

test('without a link it is what fits this server', () => {
  const { client, wanted, address } = read('')
  expect(client.name).toBe('docker')
  expect(address).toBe('https://nas.lan')
  expect(wanted).toMatchObject({ trust: 'ca', caPem: 'PEM', needsCertificate: true, form: 'root' })
  expect(wanted.registries).toEqual(['docker.io', 'quay.io'])
})

test('a link says the rest, as far as it makes sense here', () => {
  const { client, wanted } = read(
    'client=containerd&registries=corp.example,evil.example&form=path&trust=system&address=http://10.0.0.2:5000',
  )
  expect(client.name).toBe('containerd')
  expect(wanted.registries).toEqual(['corp.example'])
  expect(wanted).toMatchObject({ isEvery: false, form: 'path', trust: 'system' })
  expect(wanted.origin).toEqual({ scheme: 'http', host: '10.0.0.2:5000', prefix: '' })
})

test('what a link says that makes none is as if it weren’t there', () => {
  const { client, wanted, isAddressWrong } = read(
    'client=nothing&form=nothing&trust=nothing&address=a"b',
  )
  expect(client.name).toBe('docker')
  expect(wanted).toMatchObject({ form: 'root', trust: 'ca' })
  expect(wanted.origin.host).toBe('nas.lan')
  expect(isAddressWrong).toBe(true)
})

test.each([
  ['k3s', '', true],
  ['k3s', '&registries=*', true],
  ['k3s', '&registries=quay.io', false],
  ['podman', '&registries=*', false],
])('%s%s stands for every registry: %s', (client, more, isEvery) => {
  expect(read(`client=${client}${more}`).wanted.isEvery).toBe(isEvery)
})

test('behind a proxy the certificate, and what it wants, is the proxy’s', () => {
  const proxied = { ...setup, address: { ...setup.address, isProxied: true } }
  expect(wantedFrom(proxied)).toMatchObject({ trust: 'system', needsCertificate: false })
  expect(wantedFrom(proxied).caPem).toBeUndefined()
})
