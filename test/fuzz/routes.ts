import { digestOf } from '../../src/oci/digest.ts'
import { sampleImageDigest as digest, sampleLayer } from './sample-documents.ts'

/** Stands for an upload that is there when the request is sent. */
export const liveUpload = 'LIVE-UPLOAD'

export const layer: string = digestOf(sampleLayer)
const zeros = `sha256:${'0'.repeat(64)}`
const uploads = '/v2/team/app/blobs/uploads/'

/** Every route, with names that are here, upstream and nowhere. */
export const targets: readonly string[] = [
  ...['/', '/v2', '/v2/', '/v2/_catalog?n=1&last=a', '/v1/search', '*'],
  ...['/healthz', '/readyz', '/metrics', '/metrics?name[]=up'],
  ...['v1', digest, zeros].map((reference) => `/v2/team/app/manifests/${reference}`),
  ...[layer, zeros].map((blob) => `/v2/team/app/blobs/${blob}`),
  `/v2/team/app/referrers/${digest}?artifactType=a%2Fb&n=1`,
  '/v2/team/app/tags/list?n=1&last=v0',
  `/v2/team/new/blobs/uploads/?mount=${layer}&from=team/app`,
  `${uploads}${liveUpload}`,
  ...['/docker.io/v2/', '/v2/docker.io/', '/v2/'].map((to) => `${to}up/app/manifests/1`),
  `/docker.io/v2/up/app/blobs/${layer}?ns=docker.io`,
  '/docker.io/v2/up/app/tags/list?n=2',
  `/docker.io/v2/up/app/referrers/${digest}`,
  'http://elsewhere.example/v2/team/app/manifests/v1',
  '/token?service=a&scope=repository:team/app:pull,push&scope=registry:catalog:*',
  '/api/v1/session',
]

/** To push: what is sent there is content of the sample layer. */
export const blobPushes: readonly (readonly [method: string, target: string])[] = [
  ['POST', uploads],
  ['POST', `${uploads}?digest=${layer}`],
  ['PATCH', `${uploads}${liveUpload}`],
  ['PUT', `${uploads}${liveUpload}?digest=${layer}`],
]
export const manifestTargets: readonly string[] = [
  '/v2/team/app/manifests/v2?tag=v3&tag=v4',
  `/v2/team/app/manifests/${digest}`,
  '/v2/team/other/manifests/v1',
]

export const apiTargets: readonly string[] = [
  ...['upstreams', 'offline', 'repositories?limit=1&after=a', 'space', 'pins', 'nothing'],
  'budget?since=24h',
  'upstreams/history?since=24h&upstream=docker.io',
  ...['images?repository=team/app&limit=1&after=v1', 'image?name=team/app:v1'],
  ...['users', 'tokens', 'access', 'configuration', 'openapi.json'],
  'audit?who=alice&what=push&repository=team/app&result=ok&since=7d&before=9&limit=2',
  'access/try?user=alice&action=push&repository=team/app',
  ...['why?name=team/app:v1', `why?name=${layer}`],
].map((path) => `/api/v1/${path}`)

const rules = [{ repositories: ['**'], tags: '^v', keepLast: 1, maxAgeMs: 1 }]

/** What is posted where; no upstream is ever switched off. */
export const apiPosts: readonly (readonly [target: string, body: object])[] = [
  ['/api/v1/session', { user: 'alice', password: 'wonderland' }],
  ['/api/v1/offline', { offline: 1 }],
  ['/api/v1/users/add', { user: 'alice', password: 'wonderland' }],
  ['/api/v1/users/password', { user: 'alice', oldPassword: 'wrong', password: 'wonderland' }],
  ['/api/v1/users/remove', { user: 'nobody' }],
  ['/api/v1/tokens/create', { name: 'x', may: ['pull'], repositories: ['!a'], expires: '1d' }],
  ['/api/v1/tokens/revoke', { name: 'nothing' }],
  ['/api/v1/upstreams/test', { upstream: 'docker.io' }],
  ['/api/v1/remove', { image: 'team/app:v1' }],
  ['/api/v1/remove', { repository: 'team/app' }],
  ['/api/v1/prune', { dryRun: true, rules }],
  ['/api/v1/evict', { dryRun: true, to: 0.5 }],
  ['/api/v1/copy', { from: 'docker.io/up/app:1', to: 'team/copy:1' }],
  ['/api/v1/pin', { image: 'docker.io/up/app:1' }],
  ['/api/v1/unpin', { image: 'docker.io/up/*' }],
]
