import { expect, test } from 'vitest'
import type { DocumentAnswer, ImageAnswer } from '../../src/answers/image.ts'
import {
  type BuiltIndex,
  type ImageRecipe,
  smallImage,
  threePlatforms,
} from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { addUsers, basic, passwords, rules } from './access/callers.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

const start = async (access: object = { anonymous: 'push' }) => {
  const mirrored = await startMirrored({ prefetch: false }, { access })
  const push = (repository: string, tag: string, recipe: ImageRecipe, headers = {}) =>
    pushImage(mirrored.server, repository, { tag, recipe, headers })
  return { ...mirrored, push }
}

const get = async <T>(server: StartedServer, path: string, wanted = 200, headers = {}) => {
  const { status, body } = await ask(server, `/api/v1/${path}`, { headers })
  expect(status, body.toString()).toBe(wanted)
  return JSON.parse(body.toString()) as T
}

const put = async (server: StartedServer, path: string, body: Buffer | string, type: string) => {
  const headers = { 'content-type': type }
  expect((await ask(server, path, { method: 'PUT', headers, body })).status).toBe(201)
}

const keepPlatform = async (server: StartedServer, name: string, index: BuiltIndex, at: number) => {
  const image = index.images[at]
  await ask(server, `/v2/${name}/manifests/${image?.descriptor.digest}`)
  await pullUntilKept(server, `/v2/${name}/blobs/${image?.config.digest}`)
  return image
}

test('a platform is chosen by its name or digest, and its sizes say what is here', async () => {
  const { server, upstream } = await start()
  const index = await upstream.repository('team/app').addIndex('1', smallImage('a'), threePlatforms)
  await ask(server, '/v2/docker.io/team/app/manifests/1')
  const amd64 = await keepPlatform(server, 'docker.io/team/app', index, 0)
  const arm64 = await keepPlatform(server, 'docker.io/team/app', index, 1)
  await pullUntilKept(server, `/v2/docker.io/team/app/blobs/${arm64?.layers[0]?.digest}`)
  const asked = upstream.requests.length

  const first = await get<ImageAnswer>(server, 'image?name=docker.io/team/app:1')
  const by = (platform: string | undefined, status = 200) =>
    get<ImageAnswer>(server, `image?name=docker.io/team/app:1&platform=${platform}`, status)
  const second = await by('linux/arm64')
  const [x, y, z] = second.manifests
  const all = (image: typeof arm64) =>
    [image?.descriptor, image?.config, ...(image?.layers ?? [])].reduce(
      (sum, part) => sum + (part?.size ?? 0),
      0,
    )
  expect(first.shown).toBe(amd64?.descriptor.digest)
  expect(second).toMatchObject({ shown: arm64?.descriptor.digest, layers: [{ kept: true }] })
  expect(second.config?.architecture).toBe('arm64')
  expect(await by(arm64?.descriptor.digest)).toEqual(second)
  expect(x).toMatchObject({ imageSize: all(amd64) })
  expect(x?.keptSize).toBe(all(amd64) - (amd64?.layers[0]?.size ?? 0))
  expect(y).toMatchObject({ imageSize: all(arm64), keptSize: all(arm64) })
  expect(z).not.toHaveProperty('imageSize')
  const third = await by('linux/arm/v7')
  expect(third).toMatchObject({ shown: z?.digest, layers: [], history: [] })
  expect(third).not.toHaveProperty('config')
  const none = await by('windows/amd64', 404)
  expect(none).toMatchObject({ error: expect.stringContaining('linux/amd64, linux/arm64') })
  expect(upstream.requests).toHaveLength(asked)
})

test('an attestation is no platform, and says what it is about', async () => {
  const { server, push } = await start()
  const { descriptor, bytes } = await push('team/app', 'x', smallImage('a'))
  const attestation = await push('team/app', 'y', smallImage('b'))
  const platform = { os: 'linux', architecture: 'amd64' }
  const about = { 'vnd.docker.reference.digest': descriptor.digest }
  const manifests = [
    { ...descriptor, platform },
    {
      ...attestation.descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { ...about, 'vnd.docker.reference.type': 'attestation-manifest' },
    },
  ]
  const index = { schemaVersion: 2, mediaType: indexType, manifests }
  await put(server, '/v2/team/app/manifests/1', JSON.stringify(index), indexType)

  const told = await get<ImageAnswer>(server, 'image?name=team/app:1')

  expect(told.manifests[0]).toMatchObject({ platform: 'linux/amd64' })
  expect(told.manifests[0]).not.toHaveProperty('attests')
  expect(told.manifests[1]).toMatchObject({ attests: descriptor.digest })
  expect(told.manifests[1]).not.toHaveProperty('platform')
  expect(told.shown).toBe(descriptor.digest)
  expect(told.layers).toHaveLength(JSON.parse(bytes.toString()).layers.length)
})

test('what refers to an image is a tree, with cosign’s tags among it', async () => {
  const { server, push } = await start()
  const image = await push('team/app', '1', smallImage('a'))
  const attach = async (subject: object, artifactType: string, tag: string) => {
    const body = JSON.stringify({ ...JSON.parse(image.bytes.toString()), subject, artifactType })
    await put(server, `/v2/team/app/manifests/${tag}`, body, manifestType)
    const { digest } = await get<ImageAnswer>(server, `image?name=team/app:${tag}`)
    return { mediaType: manifestType, digest, size: body.length }
  }
  const sbom = await attach(image.descriptor, 'application/spdx+json', 'sbom')
  const signature = await attach(sbom, 'application/vnd.sig', 'sig')
  const tag = `${image.descriptor.digest.replace(':', '-')}.sig`
  await push('team/app', tag, smallImage('cosign'))

  const { referrers } = await get<ImageAnswer>(server, 'image?name=team/app:1')

  expect(referrers).toHaveLength(2)
  expect(referrers[0]).toMatchObject({
    digest: sbom.digest,
    artifactType: 'application/spdx+json',
    kept: true,
    referrers: [{ digest: signature.digest, artifactType: 'application/vnd.sig', referrers: [] }],
  })
  expect(referrers[1]).toMatchObject({ tag, kept: true, referrers: [] })
})

test('who shares a layer is told to those alone who may pull it', async () => {
  const { server, push } = await start({ anonymous: 'none', rules })
  await addUsers(server)
  const base = { seed: 'base', layerSizes: [4096], layerSeeds: ['base'] }
  const headers = basic('root', passwords.root)
  for (const repository of ['team/app', 'team/other', 'secret/app'])
    await push(repository, '1', { ...base, seed: repository }, headers)
  const sharedFor = async (user: 'alice' | 'root') => {
    const who = basic(user, passwords[user])
    const told = await get<ImageAnswer>(server, 'image?name=team/app:1', 200, who)
    return told.layers[0]?.shared
  }

  expect(await sharedFor('alice')).toEqual({ count: 1, more: false, images: ['team/other:1'] })
  const all = await sharedFor('root')
  expect(all).toMatchObject({ count: 2 })
  expect(all?.images.toSorted()).toEqual(['secret/app:1', 'team/other:1'])
})

test('a pin and the first time it was stored are told', async () => {
  const { server, upstream, clock } = await start()
  await upstream.repository('library/alpine').addImage('3', smallImage('a'))
  const before = clock.now()
  await ask(server, '/v2/docker.io/library/alpine/manifests/3')
  await server.post('/api/v1/pin', { image: 'docker.io/library/alp*' })

  const told = await get<ImageAnswer>(server, 'image?name=alpine:3')

  expect(told.pinnedBy).toBe('docker.io/library/alp*')
  expect(Date.parse(told.stored)).toBeGreaterThanOrEqual(before)
})

test('manifest, index and config come as they are kept, and no upstream is asked', async () => {
  const { server, upstream } = await start()
  const index = await upstream.repository('team/app').addIndex('1', smallImage('a'), threePlatforms)
  await ask(server, '/v2/docker.io/team/app/manifests/1')
  const image = await keepPlatform(server, 'docker.io/team/app', index, 1)
  const asked = upstream.requests.length
  const read = (query: string, status = 200) =>
    get<DocumentAnswer>(server, `document?name=docker.io/team/app${query}`, status)

  expect(await read(':1')).toEqual({
    name: 'docker.io/team/app',
    digest: index.descriptor.digest,
    mediaType: index.descriptor.mediaType,
    text: index.bytes.toString(),
  })
  const manifest = await read(`@${image?.descriptor.digest}`)
  expect(manifest.text).toBe(image?.bytes.toString())
  const config = await read(':1&of=config&platform=linux/arm64')
  expect([config.digest, config.mediaType]).toEqual([image?.config.digest, image?.config.mediaType])
  expect(JSON.parse(config.text).architecture).toBe('arm64')
  for (const [query, status] of [
    [`@${image?.config.digest}`, 404],
    [`@${image?.layers[0]?.digest}`, 404],
    [':1&of=config&platform=linux/amd64', 404],
    [':2', 404],
    [':1&of=layer', 400],
  ] as const)
    expect(await read(query, status)).toMatchObject({ error: expect.any(String) })
  expect(upstream.requests).toHaveLength(asked)
})
