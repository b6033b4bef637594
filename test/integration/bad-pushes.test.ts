import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../src/oci/media-type.ts'
import { expectRegistryError } from '../support/expect-registry-error.ts'
import { ask, type RawRequest, type Reply } from '../support/raw-client.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { readWhatIsKept, type WhatIsKept } from '../support/what-is-kept.ts'

const content = Buffer.from('the content of a blob')
const config = Buffer.from('{}')
const zeros = `sha256:${'0'.repeat(64)}`
const longName = `team/${'x'.repeat(295)}`

const goalMs = 20
const timesMeasured = 9

let server: StartedServer
let keptBefore: WhatIsKept

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  server = await startServer(directory.path, { offline: true, access: { anonymous: 'push' } })
  for (const bytes of [content, config]) await pushBlob(bytes)
  expect((await pushManifest('v1', image())).status).toBe(201)
  return async () => {
    await server.stop()
    await directory.remove()
  }
})

beforeEach(async () => {
  keptBefore = await readWhatIsKept(server.data)
})

function describeContent(bytes: Uint8Array, mediaType = 'application/vnd.example+json') {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

function image(details: object = {}): string {
  const layers = [describeContent(content)]
  const document = { schemaVersion: 2, mediaType: ociManifest, config: describeContent(config) }
  return JSON.stringify({ ...document, layers, ...details })
}

function pushBlob(bytes: Buffer): Promise<Reply> {
  const path = `/v2/team/app/blobs/uploads/?digest=${digestOf(bytes)}`
  return ask(server, path, { method: 'POST', body: bytes })
}

function pushManifest(reference: string, body: string | Buffer, mediaType: string = ociManifest) {
  const headers = { 'content-type': mediaType }
  return ask(server, `/v2/team/app/manifests/${reference}`, { method: 'PUT', headers, body })
}

type BadRequest = {
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

function nested(depth: number, document: string): string {
  return `${'{"a":'.repeat(depth)}${document}${'}'.repeat(depth)}`
}

const manifests: BadRequest[] = [
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
    'the same without a length',
    image({ layers: descriptors(100_000) }),
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
const uploads = '/v2/team/app/blobs/uploads/'
const digestInvalid = [400, 'DIGEST_INVALID'] as const
const uploadUnknown = [404, 'BLOB_UPLOAD_UNKNOWN'] as const

const blobs: BadRequest[] = [
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

const names: BadRequest[] = [
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

const lists: BadRequest[] = [
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

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

/** How long it takes, or, where the machine is busy with something else, what it takes of a processor. */
async function timeMs(act: () => Promise<unknown>): Promise<number> {
  const [start, used] = [performance.now(), process.cpuUsage()]
  await act()
  const { user, system } = process.cpuUsage(used)
  return Math.min(performance.now() - start, (user + system) / 1000)
}

async function expectQuick(act: () => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let number = 0; number < timesMeasured; number++) times.push(await timeMs(act))
  expect(median(times)).toBeLessThan(goalMs)
}

describe.each([
  { kind: 'manifests', table: manifests },
  { kind: 'blobs', table: blobs },
  { kind: 'names', table: names },
  { kind: 'lists', table: lists },
])('of $kind', ({ table }) => {
  test.each(table)('$what: $status $code, at once, and nothing is left', async (row) => {
    const send = () => ask(server, row.path, row.request)
    const reply = await send()
    expect(reply.isComplete).toBe(true)
    expectRegistryError(reply, row.status, row.code, 1_200)
    await expectQuick(send)
    expect(await readWhatIsKept(server.data)).toEqual(keptBefore)
  })
})

test.each([
  'team/a.b',
  'team/a-b',
  'team/a--b',
  'team/a__b',
  'a_b/c',
  'x',
  'a.b',
  `team/${'x'.repeat(250)}`,
  'team/%61pp',
])('the name %s may be pushed to', async (name) => {
  const begun = await ask(server, `/v2/${name}/blobs/uploads/`, { method: 'POST' })
  expect(begun.status).toBe(202)
  expect((await ask(server, begun.headers.location ?? '', { method: 'DELETE' })).status).toBe(204)
  expect(await readWhatIsKept(server.data)).toEqual(keptBefore)
})

test('a last of garbage is behind what is before it', async () => {
  for (const last of ['%00', '%ff', '../../x', 'x'.repeat(10_000), '%E2%82%AC']) {
    const reply = await ask(server, `/v2/team/app/tags/list?last=${last}`)
    expect(reply.status).toBe(200)
  }
})

describe('while nobody may push', () => {
  let closed: StartedServer
  beforeAll(async () => {
    const directory = await makeTemporaryDirectory()
    closed = await startServer(directory.path, { offline: true })
    return async () => {
      await closed.stop()
      await directory.remove()
    }
  })

  test.each([
    [post, uploads],
    [post, `${uploads}?digest=${digestOf(content)}`],
    [post, `${uploads}?mount=${digestOf(content)}&from=team/other`],
    [patch, `${uploads}nothing`],
    [put, '/v2/team/app/manifests/v1'],
    ['DELETE', '/v2/team/app/manifests/v1'],
  ])('%s %s is denied, and says what to do', async (method, path) => {
    const kept = await readWhatIsKept(closed.data)
    const send = () => ask(closed, path, { method, ...(method !== 'DELETE' && { body: content }) })
    const reply = await send()
    expectRegistryError(reply, 403, 'DENIED')
    expect(reply.body.toString()).toContain('access: {anonymous: push}')
    await expectQuick(send)
    expect(await readWhatIsKept(closed.data)).toEqual(kept)
  })
})

test('headers of 100 kB are refused with 431', async () => {
  const headers = { 'x-long': 'x'.repeat(100_000) }
  const reply = await ask(server, uploads, { method: 'POST', headers })
  expect(reply.status).toBe(431)
  expect(await readWhatIsKept(server.data)).toEqual(keptBefore)
})
