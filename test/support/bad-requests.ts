import { digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import type { RawRequest } from './raw-client.ts'

/** What team/app has, and what is pushed wrong is made of. */
export const content = Buffer.from('the content of a blob')
export const config = Buffer.from('{}')
export const zeros = `sha256:${'0'.repeat(64)}`
const longName = `team/${'x'.repeat(295)}`

function describeContent(bytes: Uint8Array, mediaType = 'application/vnd.example+json') {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

export function image(details: object = {}): string {
  const layers = [describeContent(content)]
  const document = { schemaVersion: 2, mediaType: ociManifest, config: describeContent(config) }
  return JSON.stringify({ ...document, layers, ...details })
}

/** And what it is answered with. */
export type BadRequest = {
  readonly what: string
  readonly path: string
  readonly request: RawRequest
  readonly status: number
  readonly code: string
}

function bad(
  what: string,
  [method, path]: readonly [method: string, path: string],
  [status, code]: readonly [status: number, code: string],
  request: RawRequest = {},
): BadRequest {
  return { what, path, request: { method, ...request }, status, code }
}

function badManifest(
  what: string,
  body: string | Buffer,
  answer: readonly [status: number, code: string],
  headers: Record<string, string> = {},
): BadRequest {
  const request = { headers: { 'content-type': ociManifest, ...headers }, body: Buffer.from(body) }
  return bad(what, ['PUT', '/v2/team/app/manifests/bad'], answer, request)
}

const invalid = [400, 'MANIFEST_INVALID'] as const
const missing = [404, 'MANIFEST_BLOB_UNKNOWN'] as const
const tooLarge = [413, 'MANIFEST_INVALID'] as const
const chunked = { 'transfer-encoding': 'chunked' }

/** Each other than all others, and none of them pushed. */
function descriptors(count: number) {
  return Array.from({ length: count }, (_, number) => ({
    mediaType: 'a/b',
    digest: `sha256:${number.toString(16).padStart(64, '0')}`,
    size: 1,
  }))
}

export function annotations(count: number, text: string) {
  const names = Array.from({ length: count }, (_, number) => number.toString(36))
  return Object.fromEntries(names.map((name) => [name, text]))
}

function nested(depth: number, document: string): string {
  return `${'{"a":'.repeat(depth)}${document}${'}'.repeat(depth)}`
}

export const manifests: BadRequest[] = [
  badManifest('a manifest that is no JSON', '<html>', invalid),
  badManifest('a manifest that is cut off', image().slice(0, -20), invalid),
  badManifest('a manifest that says another type than its Content-Type', image(), invalid, {
    'content-type': ociIndex,
  }),
  badManifest(
    'an index that calls itself a manifest',
    image({ layers: undefined, config: undefined, manifests: [] }),
    invalid,
  ),
  badManifest(
    'a manifest of a type that is no manifest’s',
    image({ mediaType: 'text/html' }),
    invalid,
    { 'content-type': 'text/html' },
  ),
  badManifest(
    'a manifest of 100,000 descriptors',
    image({ layers: descriptors(100_000) }),
    tooLarge,
  ),
  badManifest(
    'a manifest of 40,000 descriptors, without a length',
    image({ layers: descriptors(40_000) }),
    tooLarge,
    chunked,
  ),
  badManifest(
    'as many descriptors as fit in 4 MiB',
    image({ layers: descriptors(37_000) }),
    invalid,
  ),
  badManifest(
    '100,000 descriptors that are empty',
    image({ layers: Array(100_000).fill({}) }),
    invalid,
  ),
  badManifest(
    'as many annotations as fit in 4 MiB',
    image({ annotations: annotations(380_000, '') }),
    invalid,
  ),
  badManifest('as many strings as fit in 4 MiB', image({ x: Array(1_300_000).fill('') }), invalid),
  badManifest('as many numbers as fit in 4 MiB', image({ x: Array(2_000_000).fill(1) }), invalid),
  badManifest(
    '1,000,000 quotation marks that are escaped, and a layer that is missing',
    image({ layers: descriptors(1), x: '"'.repeat(1_000_000) }),
    missing,
  ),
  badManifest('4,000,000 quotation marks', '"'.repeat(4_000_000), invalid),
  badManifest(
    'an index of 2,000 manifests that are missing',
    image({
      layers: undefined,
      config: undefined,
      mediaType: ociIndex,
      manifests: descriptors(2_000),
    }),
    missing,
    { 'content-type': ociIndex },
  ),
  badManifest('1,000 brackets', '['.repeat(1000) + ']'.repeat(1000), invalid),
  badManifest('4,000,000 brackets', '['.repeat(4_000_000), invalid),
  badManifest('a manifest that is 1,000 deep in another', nested(1000, image()), invalid),
  badManifest(
    'layers that are 1,000 deep',
    image({ layers: JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) }),
    invalid,
  ),
  badManifest('a layer that is missing', image({ layers: descriptors(1) }), missing),
  badManifest(
    'a layer of another size',
    image({ layers: [{ ...describeContent(content), size: 5 }] }),
    invalid,
  ),
  badManifest(
    'a digest that is none',
    image({ layers: [{ ...describeContent(content), digest: 'sha256:0' }] }),
    invalid,
  ),
  badManifest('a subject that is none', image({ subject: 'latest' }), invalid),
  bad(
    'another digest than its own',
    ['PUT', `/v2/team/app/manifests/${zeros}`],
    [400, 'DIGEST_INVALID'],
    { body: image() },
  ),
  bad('a tag of 129 characters', ['PUT', `/v2/team/app/manifests/${'x'.repeat(129)}`], invalid, {
    body: image(),
  }),
  bad('101 tags', ['PUT', `/v2/team/app/manifests/v1?${'tag=x&'.repeat(101)}`], invalid, {
    body: image(),
  }),
]

const [post, patch, put] = ['POST', 'PATCH', 'PUT'] as const
export const uploads = '/v2/team/app/blobs/uploads/'
const digestInvalid = [400, 'DIGEST_INVALID'] as const
const uploadUnknown = [404, 'BLOB_UPLOAD_UNKNOWN'] as const

export const blobs: BadRequest[] = [
  bad('a single POST of another digest', [post, `${uploads}?digest=${zeros}`], digestInvalid, {
    body: content,
  }),
  bad(
    'a single POST of a digest that is none',
    [post, `${uploads}?digest=sha256:0`],
    digestInvalid,
    { body: content },
  ),
  bad('a single POST of no digest', [post, `${uploads}?digest=`], digestInvalid, { body: content }),
  bad('GET of an upload that never was', ['GET', `${uploads}nothing`], uploadUnknown),
  bad('PATCH of an upload that never was', [patch, `${uploads}nothing`], uploadUnknown, {
    body: content,
  }),
  bad(
    'PUT of an upload that never was',
    [put, `${uploads}nothing?digest=${zeros}`],
    uploadUnknown,
    { body: content },
  ),
  bad('DELETE of an upload that never was', ['DELETE', `${uploads}nothing`], uploadUnknown),
  bad(
    'an upload whose id leads elsewhere',
    [patch, `${uploads}..%2f..%2fentrepot.db`],
    [404, 'NAME_UNKNOWN'],
    { body: content },
  ),
  bad(
    'an upload whose id is of 20,000 characters',
    [patch, `${uploads}${'x'.repeat(20_000)}`],
    uploadUnknown,
    { body: content },
  ),
  bad('an upload of another method', ['REPORT', uploads], [405, 'UNSUPPORTED']),
  bad(
    'a blob that is PUT where it is pulled',
    [put, `/v2/team/app/blobs/${zeros}`],
    [405, 'UNSUPPORTED'],
    { body: content },
  ),
]

const nameInvalid = [400, 'NAME_INVALID'] as const
const denied = [403, 'DENIED'] as const

export const names: BadRequest[] = [
  ...[
    'Team/app',
    'team//app',
    'team/-app',
    'team/app-',
    'team/a..b',
    'team/a___b',
    'team/.',
    'team/..',
    'team/../app',
    'team/%2e%2e/app',
    'team/app%20x',
    'team/app%00',
    'team/%252e',
    'team/%zz',
    longName,
  ].map((name) =>
    bad(`the name ${name.slice(0, 40)}`, [post, `/v2/${name}/blobs/uploads/`], nameInvalid),
  ),
  ...[
    'library/app',
    'docker.io/team/app',
    'ghcr.io/team/app',
    'index.docker.io/app',
    'some.where/app',
    'localhost/app',
  ].map((name) =>
    bad(`the name ${name}, which is an upstream's`, [post, `/v2/${name}/blobs/uploads/`], denied),
  ),
  bad('a name of an upstream that is named beside it', [post, `${uploads}?ns=ghcr.io`], denied),
  bad(
    'a name below a view of an upstream',
    [post, `/docker.io/v2/team/app/blobs/uploads/`],
    [405, 'UNSUPPORTED'],
  ),
]

const pageInvalid = [400, 'PAGINATION_NUMBER_INVALID'] as const

export const lists: BadRequest[] = [
  ...['-1', '9e9', '1.5', '0x10', 'ten', '9'.repeat(5000)].map((n) =>
    bad(`tags, n=${n.slice(0, 20)}`, ['GET', `/v2/team/app/tags/list?n=${n}`], pageInvalid),
  ),
  bad('repositories, n=-1', ['GET', '/v2/_catalog?n=-1'], pageInvalid),
  bad(
    'referrers of a digest that is none',
    ['GET', '/v2/team/app/referrers/sha256:0'],
    digestInvalid,
  ),
]
