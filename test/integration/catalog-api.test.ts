import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type BuiltIndex, digestOf, smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage, pushIndex } from '../support/lab/push-image.ts'
import { ask, type Reply } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const labelled = (description: string) => ({
  ...smallImage(description),
  labels: { 'org.opencontainers.image.description': description },
})

const json = ({ status, body }: Reply, wanted = 200) => {
  expect(status, body.toString()).toBe(wanted)
  return JSON.parse(body.toString())
}

const startHosting = async () => {
  const mirrored = await startMirrored({}, { access: { anonymous: 'push' } })
  const { server } = mirrored
  const toHosted = (repository: string) => ({ url: `http://127.0.0.1:${server.port}`, repository })
  return { ...mirrored, toHosted }
}

const imagesOf = async (server: StartedServer, repository: string) =>
  json(await ask(server, `/api/v1/images?repository=${repository}`)).images

const inspect = async (server: StartedServer, name: string) =>
  json(await ask(server, `/api/v1/image?name=${encodeURIComponent(name)}`))

/** The manifest of a pushed image, with these annotations, under a tag. */
const pushAnnotated = async (
  server: StartedServer,
  repository: string,
  { bytes, tag, ...details }: { bytes: Buffer; tag: string; annotations: object },
) => {
  const body = JSON.stringify({ ...JSON.parse(bytes.toString()), ...details })
  const headers = { 'content-type': manifestType }
  const path = `/v2/${repository}/manifests/${tag}`
  expect((await ask(server, path, { method: 'PUT', headers, body })).status).toBe(201)
}

test('hosted and mirrored repositories are listed together, in byte order', async () => {
  const { server, upstream, toHosted } = await startHosting()
  await pushImage(toHosted('team/app'), '1', smallImage('a'))
  await pushImage(toHosted('a'), '1', smallImage('b'))
  const image = await upstream.repository('library/alpine').addImage('3', smallImage('c'))
  const blobs = [image.config, ...image.layers].map(({ digest }) => digest)
  await ask(server, '/v2/library/alpine/manifests/3')
  for (const digest of blobs) await pullUntilKept(server, `/v2/library/alpine/blobs/${digest}`)

  const { repositories, next } = json(await ask(server, '/api/v1/repositories'))

  expect(next).toBeUndefined()
  expect(repositories.map(({ name }: { name: string }) => name)).toEqual([
    'a',
    'docker.io/library/alpine',
    'team/app',
  ])
  const sizeOf = [image.config, ...image.layers].reduce((sum, { size }) => sum + size, 0)
  const newest = expect.stringMatching(/^20..-.*Z$/)
  const told = { tags: 1, pulls: 0, newest }
  const { size } = repositories[0]
  expect(repositories[0]).toEqual({ name: 'a', hosted: true, ...told, size, ownSize: size })
  expect(size).toBeGreaterThan(4096)
  expect(repositories[1]).toEqual({
    name: 'docker.io/library/alpine',
    hosted: false,
    ...told,
    size: sizeOf,
    ownSize: sizeOf,
    lastPull: expect.any(String),
  })
  const listed = json(await ask(server, '/v2/_catalog?n=2'))
  expect(listed.repositories).toEqual(['a', 'docker.io/library/alpine'])
})

test('an image tells what it says of itself: annotations come before labels', async () => {
  const { server, toHosted } = await startHosting()
  const { bytes } = await pushImage(toHosted('team/app'), 'label', labelled('of the label'))
  await pushImage(toHosted('team/app'), 'none', smallImage('a'))
  const annotations = { 'org.opencontainers.image.description': 'of the annotation' }
  await pushAnnotated(server, 'team/app', { bytes, tag: 'both', annotations })

  const images = await imagesOf(server, 'team/app')

  const told = images.map(({ tag, description }: Record<string, string>) => [tag, description])
  expect(told).toEqual([
    ['both', 'of the annotation'],
    ['label', 'of the label'],
    ['none', undefined],
  ])
  for (const { created, lastPull } of images) {
    expect(created).toBe('2024-01-01T00:00:00.000Z')
    expect(lastPull).toBeUndefined()
  }
})

test('an artifact says when it was made by its annotation', async () => {
  const { server, toHosted } = await startHosting()
  const { bytes } = await pushImage(toHosted('team/app'), '1', smallImage('a'))
  const { config, ...others } = JSON.parse(bytes.toString())
  const artifact = { ...others, config: { ...config, mediaType: 'application/vnd.x+json' } }
  const annotations = { 'org.opencontainers.image.created': '2025-05-05T05:05:05Z' }
  const artifactBytes = Buffer.from(JSON.stringify(artifact))
  await pushAnnotated(server, 'team/app', { bytes: artifactBytes, tag: '2', annotations })

  const [, image] = await imagesOf(server, 'team/app')

  expect(image).toMatchObject({ tag: '2', created: '2025-05-05T05:05:05.000Z' })
})

const sizeOf = (index: BuiltIndex, position: number): number => {
  const image = index.images[position]
  if (!image) throw new Error('no such platform')
  const all = [image.descriptor, image.config, ...image.layers]
  return all.reduce((sum, { size }) => sum + size, 0)
}

test('an index has the size of those of its platforms that are kept', async () => {
  const { server, upstream } = await startMirrored({ prefetch: false })
  const index = await upstream
    .repository('team/app')
    .addIndex('1', labelled('of the platform'), threePlatforms)
  const [, arm64] = index.images
  const before = async () => (await imagesOf(server, 'docker.io/team/app'))[0]

  await ask(server, '/v2/team/app/manifests/1')
  expect(await before()).toMatchObject({ size: index.descriptor.size })
  expect(await before()).not.toHaveProperty('description')
  await ask(server, `/v2/team/app/manifests/${arm64?.descriptor.digest}`)
  expect((await before()).size).toBe(index.descriptor.size + sizeOf(index, 1))
  await pullUntilKept(server, `/v2/team/app/blobs/${arm64?.config.digest}`)
  expect(await before()).toMatchObject({ description: 'of the platform' })

  const told = await inspect(server, 'docker.io/team/app:1')
  expect(
    told.manifests.map(({ platform, kept }: Record<string, unknown>) => [platform, kept]),
  ).toEqual([
    ['linux/amd64', false],
    ['linux/arm64', true],
    ['linux/arm/v7', false],
  ])
  expect(told).toMatchObject({
    name: 'docker.io/team/app',
    hosted: false,
    shown: arm64?.descriptor.digest,
    config: { architecture: 'arm64', kept: true },
    layers: [{ digest: arm64?.layers[0]?.digest, kept: false }],
  })
})

test('a mirrored image is told without asking upstream, one that is not kept is not there', async () => {
  const { server, upstream } = await startMirrored({ prefetch: false })
  await upstream.repository('library/alpine').addImage('3', smallImage('a'))
  await upstream.repository('library/alpine').addImage('4', smallImage('b'))
  await ask(server, '/v2/alpine/manifests/3')
  const asked = upstream.requests.length

  const told = await inspect(server, 'alpine:3')
  expect(told).toMatchObject({ name: 'docker.io/library/alpine', tags: ['3'], referrers: [] })
  expect(told.config).toMatchObject({ kept: false })
  for (const name of ['alpine:4', 'alpine', `alpine@${digestOf(Buffer.from('x'))}`, 'ubuntu:1']) {
    const reply = await ask(server, `/api/v1/image?name=${encodeURIComponent(name)}`)
    expect(json(reply, 404).error).toMatch(/docker\.io\/library\/(alpine|ubuntu).* kept here/)
  }
  expect(upstream.requests).toHaveLength(asked)
})

test('a hosted image is told whole: tags, config, layers and what refers to it', async () => {
  const { server, toHosted } = await startHosting()
  const image = await pushImage(toHosted('team/app'), '1', labelled('an app'))
  const { bytes, descriptor } = image
  const subject = descriptor
  const signature = { subject, artifactType: 'application/vnd.example.signature' }
  await pushAnnotated(server, 'team/app', { bytes, tag: 'sig', annotations: {}, ...signature })
  const again = { method: 'PUT', headers: { 'content-type': manifestType }, body: bytes }
  await ask(server, '/v2/team/app/manifests/latest', again)

  const told = await inspect(server, 'team/app')

  expect(told).toEqual({
    name: 'team/app',
    hosted: true,
    digest: descriptor.digest,
    mediaType: manifestType,
    size: [descriptor, image.config, ...image.layers].reduce((sum, { size }) => sum + size, 0),
    manifestSize: descriptor.size,
    created: '2024-01-01T00:00:00.000Z',
    description: 'an app',
    annotations: {},
    manifests: [],
    config: {
      ...image.config,
      kept: true,
      created: '2024-01-01T00:00:00Z',
      os: 'linux',
      architecture: 'amd64',
      entrypoint: [],
      cmd: ['/layer-0.bin'],
      env: [],
      exposedPorts: [],
      labels: { seed: 'an app', 'org.opencontainers.image.description': 'an app' },
    },
    may: { push: true, delete: true, admin: false },
    stored: expect.stringMatching(/^20\d\d-/),
    history: [{ command: 'layer 0', created: '2024-01-01T00:00:00Z', empty: false }],
    layers: image.layers.map((layer) => ({
      ...layer,
      kept: true,
      command: 'layer 0',
      created: '2024-01-01T00:00:00Z',
      shared: { count: 1, more: false, images: ['team/app:sig'] },
    })),
    tags: ['1', 'latest'],
    referrers: [
      {
        digest: expect.stringMatching(/^sha256:/),
        mediaType: manifestType,
        size: expect.any(Number),
        artifactType: signature.artifactType,
        kept: true,
        referrers: [],
      },
    ],
  })
  const [referrer] = told.referrers
  expect((await inspect(server, `team/app@${referrer.digest}`)).subject).toBe(descriptor.digest)
})

test('a name without an upstream is a hosted repository’s, once there is one', async () => {
  const { server, upstream, toHosted } = await startHosting()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, '/v2/team/app/manifests/1')
  expect((await inspect(server, 'team/app:1')).name).toBe('docker.io/team/app')
  await pushIndex(toHosted('team/app'), '2', { ...smallImage('b'), platforms: threePlatforms })

  expect((await inspect(server, 'team/app:2')).name).toBe('team/app')
  json(await ask(server, '/api/v1/image?name=team/app:1'), 404)
  expect((await inspect(server, 'docker.io/team/app:1')).hosted).toBe(false)
  expect(await imagesOf(server, 'docker.io/team/app')).toHaveLength(1)
})

test('a hosted repository that is empty by now stays before the upstream’s', async () => {
  const { server, upstream, toHosted } = await startHosting()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, '/v2/docker.io/team/app/manifests/1')
  const { descriptor } = await pushImage(toHosted('team/app'), '1', smallImage('b'))
  const path = `/v2/team/app/manifests/${descriptor.digest}`
  expect((await ask(server, path, { method: 'DELETE' })).status).toBe(202)

  expect(await imagesOf(server, 'team/app')).toEqual([])
  expect(json(await ask(server, '/api/v1/image?name=team/app:1'), 404).error).toMatch(
    /^team\/app:1/,
  )
  expect(await imagesOf(server, 'docker.io/team/app')).toHaveLength(1)
})

test('a pull is the last pull, some seconds later', async () => {
  const { server, clock, toHosted, restart } = await startHosting()
  await pushImage(toHosted('team/app'), '1', smallImage('a'))
  clock.advance(60_000)
  const before = clock.now()
  await ask(server, '/v2/team/app/manifests/1')
  const after = clock.now()

  const [image] = await imagesOf(await restart(), 'team/app')

  expect(Date.parse(image.lastPull)).toBeGreaterThanOrEqual(before)
  expect(Date.parse(image.lastPull)).toBeLessThanOrEqual(after)
})

test('a manifest that is damaged on the disk spoils no list', async () => {
  const { server, toHosted } = await startHosting()
  const { descriptor } = await pushImage(toHosted('team/app'), '1', labelled('whole'))
  const damaged = await pushImage(toHosted('team/app'), '2', labelled('damaged'))
  const file = join(server.data, 'blobs', damaged.descriptor.digest.replace(':', '/'))
  await chmod(file, 0o644)
  await writeFile(file, 'null')

  const images = await imagesOf(server, 'team/app')
  const told = images.map(({ tag, description }: Record<string, string>) => [tag, description])
  expect(told).toEqual([
    ['1', 'whole'],
    ['2', undefined],
  ])
  const reply = await ask(server, `/api/v1/image?name=team/app:2`)
  expect(json(reply, 404).error).toContain('is not kept here')
  expect((await inspect(server, 'team/app:1')).digest).toBe(descriptor.digest)
})

test.each([
  { path: 'images', status: 400, says: '?repository=team/app' },
  { path: 'image', status: 400, says: '?name=team/app:1' },
  { path: 'images?repository=Team/App', status: 400, says: 'not a repository name' },
  { path: 'images?repository=team/none', status: 404, says: 'nothing of' },
  { path: 'images?repository=unknown.example/a', status: 404, says: 'not among the upstreams' },
  { path: 'image?name=a:-', status: 400, says: 'not a tag' },
  { path: 'image?name=a@sha256:1', status: 400, says: 'not a digest' },
  { path: 'repositories?limit=0', status: 400, says: 'limit="0"' },
  { path: 'repositories?limit=1001', status: 400, says: '1 to 1000' },
  { path: 'repositories?limit=x', status: 400, says: 'limit="x"' },
])('$path is refused with $status, in JSON', async ({ path, status, says }) => {
  const { server } = await startMirrored()
  expect(json(await ask(server, `/api/v1/${path}`), status).error).toContain(says)
})

/** How often others had their turn while it went on. */
const countTurns = async (act: () => Promise<unknown>): Promise<number> => {
  let isDone = false
  const acting = act().finally(() => {
    isDone = true
  })
  let turns = 0
  for (; !isDone; turns++) await setImmediate()
  await acting
  return turns
}

test('others are served while an index that lists a thousand images is told', async () => {
  const { server, upstream } = await startMirrored()
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const manifests = Array.from({ length: 1_000 }, (_, at) => ({
    mediaType: manifestType,
    digest: digestOf(Buffer.from(`${at}`)),
    size: 500,
    platform: { os: 'linux', architecture: 'amd64' },
  }))
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }))
  upstream.repository('library/large').addManifest({ bytes, mediaType }, '1')
  await ask(server, '/v2/library/large/manifests/1')
  const plain = await countTurns(() => ask(server, '/api/v1/image?name=team/unknown:1'))

  const turns = await countTurns(() => inspect(server, 'docker.io/library/large:1'))

  expect(turns).toBeGreaterThan(plain + 100)
})
