import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultConfig } from '../../../src/config/check-config.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { checkYaml, folder } from './check-yaml.ts'

const shippedFile = join(import.meta.dirname, '../../../mirrors.yaml')

test('an empty file means all defaults', () => {
  const config = checkYaml('')
  expect(config).toMatchObject({
    listen: { host: '0.0.0.0', port: 5000 },
    dockerListen: undefined,
    data: '/etc/entrepot/data',
    backups: undefined,
    defaultUpstream: 'docker.io',
    offline: false,
    space: {
      high: 0.85,
      low: 0.75,
      maxSizeBytes: undefined,
      minFreeBytes: 1_073_741_824,
      minAgeMs: 3_600_000,
      pins: [],
    },
    hosted: { repositories: ['**'], immutableTags: [], retention: [] },
    access: { anonymous: 'pull', groups: new Map(), rules: [] },
    threads: 'auto',
    tls: undefined,
    trustedProxies: [],
    clients: new Map(),
    pricePerGB: undefined,
    webhooks: [],
    warm: [],
    store: { blobs: { kind: 'file' }, metadata: { kind: 'sqlite' } },
    log: { level: 'info' },
  })
})

test('eight registries are mirrored when the file names none', () => {
  expect([...checkYaml('upstreams:').upstreams.keys()]).toEqual([
    'docker.io',
    'ghcr.io',
    'quay.io',
    'registry.k8s.io',
    'gcr.io',
    'mcr.microsoft.com',
    'public.ecr.aws',
    'nvcr.io',
  ])
})

test('an upstream without settings has all its defaults', () => {
  expect(checkYaml('').upstreams.get('docker.io')).toStrictEqual({
    name: 'docker.io',
    urls: ['https://registry-1.docker.io'],
    username: undefined,
    password: undefined,
    passwordFile: undefined,
    tagTtlMs: 300_000,
    missTtlMs: 30_000,
    onGone: 'refuse',
    allow: ['**'],
    deny: [],
    maxConnections: 16,
    bandwidthBytesPerSecond: undefined,
    connectTimeoutMs: 5_000,
    idleTimeoutMs: 30_000,
    ca: undefined,
    caPem: undefined,
    allowHosts: [],
    private: false,
    maxSizeBytes: undefined,
    prefetch: true,
  })
})

test('every key may be left empty, which means its default', () => {
  const keys = Object.keys(checkYaml(''))
  expect(checkYaml(keys.map((key) => `${key}:\n`).join(''))).toStrictEqual(checkYaml(''))
})

test('the shipped file holds the defaults, and works without any variable', async () => {
  const config = await loadConfig(shippedFile, {})
  expect(config).toStrictEqual(defaultConfig(dirname(shippedFile)))
})

test('the shipped file takes a login for Docker Hub from the environment', async () => {
  const environment = { DOCKERHUB_USERNAME: 'someone', DOCKERHUB_TOKEN: 'token' }
  const { upstreams } = await loadConfig(shippedFile, environment)
  expect(upstreams.get('docker.io')).toMatchObject({ username: 'someone', password: 'token' })
})

test('the shipped file shows every key', async () => {
  const text = await readFile(shippedFile, 'utf8')
  const keys = Object.keys(defaultConfig(folder))
  expect(keys.filter((key) => !new RegExp(`^${key}:`, 'm').test(text))).toEqual([])
})
