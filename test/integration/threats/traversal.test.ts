// Paths made of names: digests (containers/image's CVE-2024-3727), ids of uploads, names, and what an
// upstream says of them. Whatever comes, nothing outside the folders for content is read or written.

import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { digestOf, smallImage } from '../../support/image-builder.ts'
import { beginUpload } from '../../support/push-over-http.ts'
import { ask } from '../../support/raw-client.ts'
import { answerJson } from '../../support/scripted-answer.ts'
import { sendInstead, setHeaders } from '../../support/scripted-behaviour.ts'
import { startMirrored } from '../../support/start-mirrored.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const canary = 'the canary sings'
const hex = '0'.repeat(64)
const up = '../../../canary'

/** What the database and the audit make as they go. */
const ownWriting = /entrepot\.db|(?:^|\/)audit(?:\/|$)/

const listAll = async (folder: string) =>
  (await readdir(folder, { recursive: true })).filter((path) => !ownWriting.test(path)).sort()

const oddities = [
  up,
  '..%2f..%2f..%2fcanary',
  '%2e%2e/%2e%2e/canary',
  '%252e%252e%252fcanary',
  '..%5c..%5ccanary',
  '%2fetc%2fpasswd',
  `sha256:${up}`,
  `sha256:..%2f..%2f..%2fcanary`,
  `sha256:${hex.slice(0, -3)}%2f..`,
  `sha256:${hex}%00`,
  `sha256:${hex}%2f..%2f..%2fcanary`,
  `..:${hex}`,
  `..%2fsha256:${hex}`,
  `sha256%2f..:${hex}`,
  '.',
  '..',
  '%00',
]

describe('by a client', () => {
  let folder: string
  let server: StartedServer
  let upload: string

  beforeAll(async () => {
    const directory = await makeTemporaryDirectory()
    folder = join(directory.path, 'around')
    await mkdir(folder)
    server = await startServer(folder, { offline: true, access: { anonymous: 'push' } })
    for (const place of [folder, server.data, dirname(folder)])
      await writeFile(join(place, 'canary'), canary)
    upload = await beginUpload(server, 'team/app')
    return async () => {
      await server.stop()
      await directory.remove()
    }
  })

  const pushing = (method: string) => ({ method, body: 'x' })
  const places: readonly [string, (odd: string) => string, object?][] = [
    ['a blob', (odd) => `/v2/team/app/blobs/${odd}`],
    ['a manifest', (odd) => `/v2/team/app/manifests/${odd}`],
    ['referrers', (odd) => `/v2/team/app/referrers/${odd}`],
    ['a repository', (odd) => `/v2/${odd}/manifests/1`],
    ['an upstream', (odd) => `/${odd}/v2/team/app/manifests/1`],
    ['?ns', (odd) => `/v2/team/app/manifests/1?ns=${odd}`],
    ['a removed blob', (odd) => `/v2/team/app/blobs/${odd}`, { method: 'DELETE' }],
    ['a removed manifest', (odd) => `/v2/team/app/manifests/${odd}`, { method: 'DELETE' }],
    ['a pushed manifest', (odd) => `/v2/team/app/manifests/${odd}`, pushing('PUT')],
    ['?tag', (odd) => `/v2/team/app/manifests/sha256:${hex}?tag=${odd}`, pushing('PUT')],
    ['a repository to push to', (odd) => `/v2/${odd}/blobs/uploads/`, { method: 'POST' }],
    ['the state of an upload', (odd) => `/v2/team/app/blobs/uploads/${odd}`],
    ['an upload', (odd) => `/v2/team/app/blobs/uploads/${odd}`, pushing('PATCH')],
    ['an upload’s end', (odd) => `/v2/team/app/blobs/uploads/${odd}`, { method: 'DELETE' }],
    ['an upload’s digest', (odd) => `${upload}?digest=${odd}`, pushing('PUT')],
    ['a blob at once', (odd) => `/v2/a/blobs/uploads/?digest=${odd}`, pushing('POST')],
    ['an image', (odd) => `/api/v1/image?name=${odd}`],
    ['an explanation', (odd) => `/api/v1/why?name=${odd}`],
    ['the images of', (odd) => `/api/v1/images?repository=${odd}`],
  ]

  test.each(places)('as %s', async (_, pathOf, request = {}) => {
    const before = await listAll(dirname(folder))
    for (const odd of oddities) {
      const reply = await ask(server, pathOf(odd), request)
      expect(reply.status, odd).toBeGreaterThanOrEqual(400)
      expect(reply.status, odd).toBeLessThan(500)
      expect(reply.body.toString()).not.toContain(canary)
      expect(reply.body.toString()).not.toContain(folder)
    }
    expect(await listAll(dirname(folder))).toEqual(before)
  })

  test.each(['mount', 'from'])(
    'as ?%s, which begins an upload as any that is of no use',
    async (name) => {
      for (const odd of oddities) {
        const query = name === 'from' ? `mount=sha256:${hex}&from=${odd}` : `mount=${odd}&from=a`
        const reply = await ask(server, `/v2/team/b/blobs/uploads/?${query}`, { method: 'POST' })
        expect([202, 400, 404], odd).toContain(reply.status)
        expect(String(reply.headers.location ?? '')).not.toContain('canary')
      }
      const names = await listAll(join(server.data, 'uploads'))
      for (const each of names) expect(each).toMatch(/^[\w.-]+$/)
    },
  )

  test('as the last tag of a page, which is only compared', async () => {
    for (const odd of oddities) {
      const reply = await ask(server, `/v2/_catalog?last=${odd}`)
      expect(reply.body.toString()).not.toContain(canary)
      expect(reply.status).toBeLessThan(500)
    }
  })
})

describe('by an upstream', () => {
  test.each(oddities)('that says of a manifest that its digest is %s', async (odd) => {
    const { upstream, server } = await startMirrored()
    await upstream.repository('team/app').addImage('1', smallImage('a'))
    upstream.script(/manifests/, setHeaders({ 'docker-content-digest': odd }))

    for (const method of ['HEAD', 'GET']) {
      const reply = await ask(server, '/v2/team/app/manifests/1', { method })
      expect([200, 502]).toContain(reply.status)
      expect(String(reply.headers['docker-content-digest'] ?? '')).not.toContain('canary')
    }
    for (const file of await server.listBlobs()) expect(file).toMatch(/^[0-9a-f]{64}$/)
  })

  test('that names tags, referrers and layers so', async () => {
    const { upstream, server } = await startMirrored()
    const repository = upstream.repository('team/app')
    const image = await repository.addImage('1', smallImage('a'))
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const layers = oddities.map((digest) => ({ mediaType, digest, size: 1 }))
    const manifest = { schemaVersion: 2, mediaType, config: layers[0], layers }
    repository.addManifest({ bytes: Buffer.from(JSON.stringify(manifest)), mediaType }, 'escaping')
    const index = { schemaVersion: 2, manifests: layers }
    upstream.script(/tags/, () => answerJson({ name: up, tags: [...oddities, 'right'] }))
    upstream.script(/referrers/, sendInstead(Buffer.from(JSON.stringify(index))))
    const before = await listAll(dirname(server.data))

    const tags = await ask(server, '/v2/team/app/tags/list')
    await ask(server, `/v2/team/app/referrers/${image.descriptor.digest}`)
    const pulled = await ask(server, '/v2/team/app/manifests/escaping')
    await ask(server, '/api/v1/image?name=docker.io/team/app:escaping')

    expect(JSON.parse(tags.body.toString()).tags).toEqual(['right'])
    expect([200, 502]).toContain(pulled.status)
    const kept = `blobs/sha256/${digestOf(pulled.body).slice('sha256:'.length)}`
    const left = (await listAll(dirname(server.data))).filter((path) => !before.includes(path))
    expect(left.filter((path) => !path.endsWith(kept) && !/blobs(\/sha256)?$/.test(path))).toEqual(
      [],
    )
  })
})
