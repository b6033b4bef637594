import type { Target } from '../../../src/oci/request-path.ts'

/** What a route asks of who comes. */
export type Need =
  /** Nothing, and isn't looked at. */
  | 'nothing'
  /** Any token, so that there is something to log in for. */
  | 'some token'
  /** Nothing, but what is brought must be right. */
  | 'right login'
  | 'pull'
  | 'push'
  | 'delete'
  | 'catalog'
  /** That everybody may pull; what is brought isn't looked at. */
  | 'open pull'
  /** To be anybody who may pull anything. */
  | 'reader'
  | 'all'
  | 'admin'

export type Row = {
  readonly method: string
  readonly path: string
  readonly need: Need
  readonly body?: string
}

const zeros = `sha256:${'0'.repeat(64)}`
const row = (method: string, path: string, need: Need, body?: string): Row =>
  body === undefined ? { method, path, need } : { method, path, need, body }

const read = (path: string): readonly Row[] =>
  ['GET', 'HEAD'].map((method) => row(method, path, 'pull'))
const view = (path: string): readonly Row[] =>
  ['GET', 'HEAD'].map((method) => row(method, path, 'open pull'))

/** By what a path asks for: one more kind, and this doesn't compile. */
export const registryRows: Readonly<Record<Target['kind'], readonly Row[]>> = {
  base: [
    row('GET', '/v2/', 'some token'),
    row('HEAD', '/v2/', 'some token'),
    row('GET', '/docker.io/v2/', 'nothing'),
  ],
  catalog: [row('GET', '/v2/_catalog', 'catalog'), row('HEAD', '/v2/_catalog', 'catalog')],
  manifest: [
    ...read('/v2/team/app/manifests/none'),
    ...view('/docker.io/v2/team/app/manifests/none'),
    row('PUT', '/v2/team/app/manifests/none', 'push', 'no manifest'),
    row('DELETE', '/v2/team/app/manifests/none', 'delete'),
  ],
  blob: [
    ...read(`/v2/team/app/blobs/${zeros}`),
    ...view(`/docker.io/v2/team/app/blobs/${zeros}`),
    row('DELETE', `/v2/team/app/blobs/${zeros}`, 'delete'),
  ],
  upload: [
    row('POST', '/v2/team/app/blobs/uploads/', 'push'),
    ...['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE'].map((method) =>
      row(method, '/v2/team/app/blobs/uploads/none', 'push'),
    ),
  ],
  tags: [...read('/v2/team/app/tags/list'), ...view('/docker.io/v2/team/app/tags/list')],
  referrers: [
    ...read(`/v2/team/app/referrers/${zeros}`),
    ...view(`/docker.io/v2/team/app/referrers/${zeros}`),
  ],
}

const api = '/api/v1'

/** By what Hono has: method and path. */
export const appRows: Readonly<Record<string, Row>> = {
  'GET /': row('GET', '/', 'nothing'),
  'GET /ui': row('GET', '/ui', 'nothing'),
  'GET /healthz': row('GET', '/healthz', 'nothing'),
  'GET /readyz': row('GET', '/readyz', 'nothing'),
  'GET /metrics': row('GET', '/metrics', 'reader'),
  'GET /token': row('GET', '/token', 'right login'),
  'POST /token': row('POST', '/token', 'nothing'),
  'GET /api/v1/upstreams': row('GET', `${api}/upstreams`, 'reader'),
  'GET /api/v1/upstreams/history': row('GET', `${api}/upstreams/history`, 'reader'),
  // Where no upstream may be asked it is refused, once it is known who asks.
  'POST /api/v1/upstreams/test': row('POST', `${api}/upstreams/test`, 'admin', '{}'),
  'GET /api/v1/offline': row('GET', `${api}/offline`, 'reader'),
  'POST /api/v1/offline': row('POST', `${api}/offline`, 'admin', '{}'),
  'GET /api/v1/repositories': row('GET', `${api}/repositories`, 'right login'),
  'GET /api/v1/repository': row('GET', `${api}/repository?name=team/app`, 'pull'),
  'GET /api/v1/images': row('GET', `${api}/images?repository=team/app`, 'pull'),
  'GET /api/v1/image': row('GET', `${api}/image?name=team/app:none`, 'pull'),
  'GET /api/v1/document': row('GET', `${api}/document?name=team/app:none`, 'pull'),
  'GET /api/v1/why': row('GET', `${api}/why?name=team/app:none`, 'pull'),
  'GET /api/v1/space': row('GET', `${api}/space`, 'reader'),
  'GET /api/v1/space/history': row('GET', `${api}/space/history`, 'reader'),
  'GET /api/v1/evictions': row('GET', `${api}/evictions`, 'reader'),
  'GET /api/v1/next-evictions': row('GET', `${api}/next-evictions`, 'reader'),
  'GET /api/v1/verify': row('GET', `${api}/verify`, 'admin'),
  'POST /api/v1/verify': row('POST', `${api}/verify`, 'admin', '{"repair": 1}'),
  'DELETE /api/v1/verify': row('DELETE', `${api}/verify`, 'admin'),
  'GET /api/v1/backups': row('GET', `${api}/backups`, 'admin'),
  'POST /api/v1/backups': row('POST', `${api}/backups`, 'admin', '{"name": "nightly"}'),
  'DELETE /api/v1/backups': row('DELETE', `${api}/backups`, 'admin'),
  'GET /api/v1/report': row('GET', `${api}/report`, 'reader'),
  'GET /api/v1/pins': row('GET', `${api}/pins`, 'all'),
  'GET /api/v1/budget': row('GET', `${api}/budget`, 'reader'),
  'POST /api/v1/remove': row('POST', `${api}/remove`, 'delete', '{"image": "team/app:none"}'),
  'POST /api/v1/tag': row(
    'POST',
    `${api}/tag`,
    'push',
    '{"image": "team/app:none", "tag": "other"}',
  ),
  'POST /api/v1/warm': row(
    'POST',
    `${api}/warm`,
    'admin',
    '{"image": "docker.io/team/app:none", "dryRun": true}',
  ),
  'POST /api/v1/prune': row('POST', `${api}/prune`, 'admin', '{"dryRun": true}'),
  'POST /api/v1/copy': row(
    'POST',
    `${api}/copy`,
    'admin',
    '{"from": "team/app:none", "to": "team/copy:1"}',
  ),
  'POST /api/v1/evict': row('POST', `${api}/evict`, 'admin', '{"dryRun": true}'),
  'POST /api/v1/pin': row('POST', `${api}/pin`, 'admin', '{"image": "team/none:1"}'),
  'POST /api/v1/unpin': row('POST', `${api}/unpin`, 'admin', '{"image": "team/none:1"}'),
  // Of the right ones, a stream that never ends.
  'GET /api/v1/events': row('GET', `${api}/events?types=none`, 'reader'),
  'GET /api/v1/users': row('GET', `${api}/users`, 'admin'),
  'POST /api/v1/users/add': row('POST', `${api}/users/add`, 'admin', '{}'),
  'POST /api/v1/users/remove': row('POST', `${api}/users/remove`, 'admin', '{"user": "gone"}'),
  'POST /api/v1/users/password': row('POST', `${api}/users/password`, 'some token', '{}'),
  'GET /api/v1/tokens': row('GET', `${api}/tokens`, 'admin'),
  'POST /api/v1/tokens/create': row('POST', `${api}/tokens/create`, 'admin', '{}'),
  'POST /api/v1/tokens/revoke': row('POST', `${api}/tokens/revoke`, 'admin', '{"name": "gone"}'),
  'GET /api/v1/audit': row('GET', `${api}/audit`, 'admin'),
  'GET /api/v1/access': row('GET', `${api}/access`, 'admin'),
  'GET /api/v1/access/try': row(
    'GET',
    `${api}/access/try?user=alice&action=push&repository=team/app`,
    'admin',
  ),
  'GET /api/v1/configuration': row('GET', `${api}/configuration`, 'admin'),
  'GET /api/v1/openapi.json': row('GET', `${api}/openapi.json`, 'right login'),
  'GET /api/v1/attention': row('GET', `${api}/attention`, 'reader'),
  'GET /api/v1/setup': row('GET', `${api}/setup`, 'reader'),
  'GET /api/v1/session': row('GET', `${api}/session`, 'right login'),
  'POST /api/v1/session': row('POST', `${api}/session`, 'right login', '{}'),
  'DELETE /api/v1/session': row('DELETE', `${api}/session`, 'right login'),
}

/** Others than the routes above have their own. */
export const furtherRows: readonly Row[] = [
  row('GET', '/ui/', 'nothing'),
  row('GET', '/ui/nothing', 'nothing'),
  row('GET', `${api}/why?name=${zeros}`, 'all'),
  row('GET', `${api}/report?by=client`, 'some token'),
  row('GET', `${api}/report?user=alice`, 'some token'),
  row('POST', `${api}/users/password`, 'admin', '{"user": "nobody", "password": "wonderland"}'),
  row('GET', `${api}/nothing`, 'right login'),
  row('POST', `${api}/remove`, 'delete', '{"repository": "team/gone"}'),
  row('POST', `${api}/remove`, 'delete', '{"repository": "team/gone", "dryRun": true}'),
  row('POST', `${api}/evict`, 'admin', '{"image": "docker.io/team/app:none", "dryRun": true}'),
]
