import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { findClient, guideFor, setupClients } from '../../../../src/ui/setup/clients.ts'
import type { Guide, Wanted } from '../../../../src/ui/setup/guide.ts'
import { readToml } from '../../../support/read-toml.ts'

const plain: Wanted = {
  origin: { scheme: 'http', host: 'nas.lan:5000', prefix: '' },
  registries: ['docker.io', 'ghcr.io', 'registry.example.com:5000'],
  isEvery: false,
  form: 'root',
  trust: 'system',
  needsLogin: false,
  needsCertificate: false,
  defaultRegistry: 'docker.io',
  views: [],
}
const secure: Wanted = {
  ...plain,
  origin: { scheme: 'https', host: 'nas.lan', prefix: '' },
  trust: 'ca',
  caPem: '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----',
}
const closed: Wanted = { ...secure, needsLogin: true, needsCertificate: true }

const guide = (name: string, wanted: Wanted): Guide => guideFor(findClient(name), wanted)
const fileOf = ({ steps }: Guide, name: string) =>
  steps.find(({ file }) => file?.endsWith(name))?.text ?? 'there is none'
const filesOf = ({ steps }: Guide) => steps.flatMap(({ file }) => file ?? [])

const every = [
  plain,
  secure,
  closed,
  { ...plain, isEvery: true },
  { ...closed, form: 'path' },
] as const
const all = setupClients.flatMap(({ name }) => every.map((wanted) => [name, wanted] as const))

test.each(all)('%s gets files that can be read, and something to try', (name, wanted) => {
  const { steps, check, undo } = guide(name, wanted)
  expect(steps.length).toBeGreaterThan(0)
  expect(check).not.toBe('')
  for (const { file, text } of [...steps, ...undo]) {
    if (file?.endsWith('.toml') || file?.endsWith('.conf')) readToml(text)
    if (file?.endsWith('.json')) JSON.parse(text)
    if (file?.endsWith('.yaml') || file?.endsWith('.yml')) parse(text, { strict: true })
    expect(text).not.toMatch(/undefined|\[object/)
  }
})

test('docker is told of one mirror, by the root, by the path or on a port of its own', () => {
  const mirrorsOf = (wanted: Wanted) => JSON.parse(fileOf(guide('docker', wanted), 'daemon.json'))
  expect(mirrorsOf(plain)).toEqual({
    'registry-mirrors': ['http://nas.lan:5000'],
    'insecure-registries': ['nas.lan:5000'],
  })
  expect(mirrorsOf({ ...secure, form: 'path' })).toEqual({
    'registry-mirrors': ['https://nas.lan/docker.io'],
  })
  const views = [{ port: 5001, upstream: 'docker.io' }]
  expect(mirrorsOf({ ...plain, form: 'port', views })['registry-mirrors']).toEqual([
    'http://nas.lan:5001',
  ])
  expect(mirrorsOf({ ...plain, origin: { ...plain.origin, prefix: '/registry' } })).toMatchObject({
    'registry-mirrors': ['http://nas.lan:5000/registry'],
  })
})

test('docker pulls what isn’t on Docker Hub by this server’s name, and is told so', () => {
  const { steps, warnings } = guide('docker', plain)
  expect(steps.map(({ text }) => text)).toContain(
    'docker pull nas.lan:5000/ghcr.io/home-assistant/home-assistant:stable',
  )
  expect(warnings.join()).toMatch(/mirrors Docker Hub and no other/)
  const alone = guide('docker', { ...plain, registries: ['docker.io'] })
  expect(alone.warnings.join()).not.toMatch(/mirrors Docker Hub and no other/)
  expect(guide('docker', closed).warnings.join()).toMatch(/gives a mirror none/)
})

test('docker’s CA lies where it looks for the mirror’s, with its port', () => {
  const port5001 = {
    ...secure,
    form: 'port',
    views: [{ port: 5001, upstream: 'docker.io' }],
  } as const
  expect(filesOf(guide('docker', secure))[0]).toBe('/etc/docker/certs.d/nas.lan/ca.crt')
  expect(filesOf(guide('docker', port5001))[0]).toBe('/etc/docker/certs.d/nas.lan:5001/ca.crt')
})

test('containerd has a file for each registry, or one for all', () => {
  const files = filesOf(guide('containerd', plain)).filter((file) => file.endsWith('hosts.toml'))
  expect(files).toEqual([
    '/etc/containerd/certs.d/docker.io/hosts.toml',
    '/etc/containerd/certs.d/ghcr.io/hosts.toml',
    '/etc/containerd/certs.d/registry.example.com:5000/hosts.toml',
  ])
  const toml = readToml(
    fileOf(guide('containerd', { ...plain, isEvery: true }), '_default/hosts.toml'),
  )
  expect(toml).toEqual({ host: { 'http://nas.lan:5000': { capabilities: ['pull', 'resolve'] } } })
})

test('containerd’s path form overrides the path, and a colon is none of a name', () => {
  const texts = guide('containerd', { ...plain, form: 'path' }).steps
  const toml = readToml(texts.find(({ file }) => file?.includes('example.com'))?.text ?? '')
  expect(toml).toEqual({
    host: {
      'http://nas.lan:5000/v2/registry.example.com_5000': {
        capabilities: ['pull', 'resolve'],
        override_path: true,
      },
    },
  })
})

test('containerd shows what it is asked for', () => {
  const toml = readToml(fileOf(guide('containerd', closed), 'docker.io/hosts.toml'))
  expect(toml.host).toEqual({
    'https://nas.lan': {
      capabilities: ['pull', 'resolve'],
      ca: '/etc/containerd/entrepot-ca.pem',
      client: [['/etc/containerd/client.cert', '/etc/containerd/client.key']],
      header: { authorization: 'Basic ...' },
    },
  })
  expect(fileOf(guide('containerd', closed), 'entrepot-ca.pem')).toBe(`${secure.caPem}\n`)
})

test('k3s takes every registry by one entry, and adds no /v2 to a path', () => {
  const yamlOf = (wanted: Wanted) => parse(fileOf(guide('k3s', wanted), 'registries.yaml'))
  expect(yamlOf({ ...plain, isEvery: true })).toEqual({
    mirrors: { '*': { endpoint: ['http://nas.lan:5000'] } },
  })
  expect(yamlOf({ ...plain, form: 'path' }).mirrors['ghcr.io'].endpoint).toEqual([
    'http://nas.lan:5000/v2/ghcr.io',
  ])
  const below = { ...plain, origin: { ...plain.origin, prefix: '/registry' } }
  expect(yamlOf(below).mirrors['docker.io'].endpoint).toEqual(['http://nas.lan:5000/registry/v2'])
  expect(yamlOf(closed).configs).toEqual({
    'nas.lan': {
      auth: { username: 'ci', password: 'TOKEN' },
      tls: {
        ca_file: '/etc/rancher/k3s/entrepot-ca.pem',
        cert_file: '/etc/rancher/k3s/client.cert',
        key_file: '/etc/rancher/k3s/client.key',
      },
    },
  })
})

test.each(['podman', 'skopeo'])(
  '%s names the registry in the mirror’s path, and plain HTTP',
  (name) => {
    const { registry } = readToml(fileOf(guide(name, plain), 'entrepot.conf'))
    expect(registry).toHaveLength(3)
    expect(registry).toContainEqual({
      prefix: 'registry.example.com:5000',
      location: 'registry.example.com:5000',
      mirror: [{ location: 'nas.lan:5000/registry.example.com_5000', insecure: true }],
    })
    const safe = readToml(fileOf(guide(name, secure), 'entrepot.conf')).registry
    expect(JSON.stringify(safe)).not.toContain('insecure')
  },
)

test('BuildKit is told of plain HTTP and the CA at the mirror, not at the registry', () => {
  const tomlOf = (wanted: Wanted) =>
    readToml(fileOf(guide('buildkit', wanted), 'buildkitd.toml')).registry
  expect(tomlOf(plain)).toMatchObject({
    'docker.io': { mirrors: ['nas.lan:5000'] },
    'nas.lan:5000': { http: true },
  })
  expect(tomlOf({ ...secure, form: 'path' })).toMatchObject({
    'ghcr.io': { mirrors: ['nas.lan/ghcr.io'] },
    'nas.lan': { ca: ['/etc/buildkit/entrepot-ca.pem'] },
  })
})

test('a script for nodes writes all files', () => {
  const [script] = guide('kubernetes', secure).steps
  expect(script?.text).toContain('mkdir -p /etc/containerd/certs.d/ghcr.io\n')
  expect(script?.text).toContain(
    `cat > /etc/containerd/entrepot-ca.pem <<'EOF'\n${secure.caPem}\nEOF\n`,
  )
})

test('Helm, ORAS and crane have the server in the name', () => {
  const texts = guide('helm', plain).steps.map(({ text }) => text)
  expect(texts).toEqual([
    'helm pull --plain-http oci://nas.lan:5000/ghcr.io/OWNER/charts/NAME --version 1.2.3',
    'oras pull --plain-http nas.lan:5000/docker.io/library/alpine:latest',
    'crane pull --insecure nas.lan:5000/docker.io/library/alpine:latest image.tar',
  ])
})

test('kaniko knows Docker Hub by its index’s name', () => {
  const { steps } = guide('ci', { ...plain, registries: ['docker.io', 'ghcr.io'] })
  expect(steps.at(-1)?.text).toContain(
    '--registry-map "index.docker.io=nas.lan:5000/docker.io;ghcr.io=nas.lan:5000/ghcr.io"',
  )
})

test('who can’t use a server below a path is told, and nobody else', () => {
  const below = { ...plain, origin: { ...plain.origin, prefix: '/registry' } }
  const told = setupClients
    .filter(({ name }) => guide(name, below).warnings.some((text) => text.includes('below a path')))
    .map(({ name }) => name)
  expect(told).toEqual(['podman', 'buildkit', 'helm', 'skopeo', 'ci'])
})
