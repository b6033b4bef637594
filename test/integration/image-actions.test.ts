import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type {
  CopyPlan,
  EvictImageAnswer,
  RemoveAnswer,
  RemovePlan,
  TagAnswer,
  WarmAnswer,
} from '../../src/answers/actions.ts'
import type { ImageAnswer } from '../../src/answers/image.ts'
import { type ImageRecipe, smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const alpine = 'docker.io/library/alpine'
const dayMs = 24 * 3_600_000
const withBase = (seed: string): ImageRecipe => ({
  seed,
  layerSizes: [8192, 4096],
  layerSeeds: ['base', seed],
})

const readAudit = async (data: string): Promise<readonly Record<string, string>[]> => {
  const folder = join(data, 'audit')
  const files = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  )
  return files.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line))
}

const start = async (others: object = {}) => {
  const mirrored = await startMirrored(
    { prefetch: false },
    { access: { anonymous: 'push' }, ...others },
  )
  const { server, upstream } = mirrored
  const push = (repository: string, tag: string, recipe = smallImage(`${repository}:${tag}`)) =>
    pushImage(server, repository, { tag, recipe })
  const act = async <T>(path: string, body: object, wanted = 200) => {
    const { status, body: bytes } = await server.post(`/api/v1/${path}`, body)
    expect(status, bytes.toString()).toBe(wanted)
    return JSON.parse(bytes.toString()) as T & { readonly error?: string }
  }
  const statusOf = async (name: string, reference: string) =>
    (await ask(server, `/v2/${name}/manifests/${reference}`, { method: 'HEAD' })).status
  const mirror = async (tag: string, recipe = smallImage(tag)) => {
    const image = await upstream.repository('library/alpine').addImage(tag, recipe)
    await ask(server, `/v2/${alpine}/manifests/${tag}`)
    for (const { digest } of [image.config, ...image.layers])
      await pullUntilKept(server, `/v2/${alpine}/blobs/${digest}`)
    return image
  }
  const look = async (name: string) => {
    const { body } = await ask(server, `/api/v1/image?name=${encodeURIComponent(name)}`)
    return JSON.parse(body.toString()) as ImageAnswer
  }
  return { ...mirrored, push, act, statusOf, mirror, look }
}

test('a dry run of a removal says what goes, and the removal takes just that', async () => {
  const { push, act, statusOf, clock } = await start()
  const first = await push('team/app', '1', withBase('a'))
  await push('team/app', '2', withBase('b'))
  await act('tag', { image: 'team/app:1', tag: 'stable' })

  const untag = await act<RemovePlan>('remove', { image: 'team/app:1', dryRun: true })
  expect(untag).toEqual({
    tags: ['1'],
    digests: [],
    keptTags: ['stable'],
    freedBytes: 0,
    sharedBytes: 0,
  })
  const { digest } = first.descriptor
  const body = { image: `team/app@${digest}` }
  const plan = await act<RemovePlan>('remove', { ...body, dryRun: true })
  const [base, own] = first.layers
  expect(plan).toEqual({
    tags: ['1', 'stable'],
    digests: [digest],
    keptTags: [],
    freedBytes: first.descriptor.size + first.config.size + (own?.size ?? 0),
    sharedBytes: base?.size,
  })
  expect([await statusOf('team/app', '1'), await statusOf('team/app', 'stable')]).toEqual([
    200, 200,
  ])

  const done = await act<RemoveAnswer>('remove', body)
  expect(done).toEqual({ tags: plan.tags, digests: plan.digests })
  expect(await statusOf('team/app', 'stable')).toBe(404)
  clock.advance(2 * dayMs)
  const pruned = await act<{ freed: { bytes: number } }>('prune', {
    rules: [{ repositories: ['none'], keepLast: 9 }],
  })
  expect(pruned.freed.bytes).toBe(plan.freedBytes)
})

test('a whole repository is removed only without dryRun, which says what it would free', async () => {
  const { push, act, statusOf } = await start()
  await push('team/app', '1', withBase('a'))
  await push('team/app', '2', withBase('b'))
  await push('team/other', '1', withBase('c'))

  const plan = await act<RemovePlan>('remove', { repository: 'team/app', dryRun: true })
  expect(plan.tags.toSorted()).toEqual(['1', '2'])
  expect(plan.digests).toHaveLength(2)
  expect(plan.sharedBytes).toBeGreaterThan(8192)
  expect(await statusOf('team/app', '1')).toBe(200)
  const done = await act<RemoveAnswer>('remove', { repository: 'team/app' })
  expect(done.digests.toSorted()).toEqual(plan.digests.toSorted())
  const gone = await act('remove', { repository: 'team/app', dryRun: true }, 404)
  expect(gone.error).toContain("team/app isn't hosted here")
})

test('a tag is given to an image, and moves; one that is fixed does not', async () => {
  const { push, act, server, look } = await start({ hosted: { immutableTags: ['v*'] } })
  const [one, two] = [await push('team/app', '1'), await push('team/app', '2')]
  const body = { image: 'team/app:1', tag: 'stable' }
  const plan = await act<TagAnswer>('tag', { ...body, dryRun: true })
  expect(plan).toEqual({ repository: 'team/app', tag: 'stable', digest: one.descriptor.digest })
  expect((await look('team/app:1')).tags).toEqual(['1'])

  expect(await act('tag', body)).toEqual(plan)
  expect((await look('team/app:1')).tags).toEqual(['1', 'stable'])
  const moved = await act<TagAnswer>('tag', { image: 'team/app:2', tag: 'stable' })
  expect(moved).toMatchObject({ digest: two.descriptor.digest, before: one.descriptor.digest })
  const pulled = await ask(server, '/v2/team/app/manifests/stable')
  expect(pulled.headers['docker-content-digest']).toBe(two.descriptor.digest)

  await act('tag', { image: 'team/app:1', tag: 'v1' })
  for (const dryRun of [true, false]) {
    const refused = await act('tag', { image: 'team/app:2', tag: 'v1', dryRun }, 403)
    expect(refused.error).toContain('hosted.immutableTags')
  }
  expect((await look('team/app:v1')).digest).toBe(one.descriptor.digest)
  await act('tag', { image: 'team/app:1', tag: 'v1' })
  await act('tag', { image: 'team/app:none', tag: 'x' }, 404)
  await act('tag', { image: 'team/app:1', tag: 'no tag' }, 400)
  await act('tag', { image: `${alpine}:1`, tag: 'x' }, 403)
  await server.stop()
  const tagged = (await readAudit(server.data)).filter(({ what }) => what === 'tag')
  // Dry runs aren't noted.
  expect(tagged.map(({ subject, result, detail }) => [subject, result, detail])).toEqual([
    ['team/app:stable', 'ok', 'from team/app:1'],
    ['team/app:stable', 'ok', 'from team/app:2'],
    ['team/app:v1', 'ok', 'from team/app:1'],
    ['team/app:v1', 'denied', expect.stringContaining('immutableTags')],
    ['team/app:x', 'failed', expect.stringContaining('nothing was pushed as team/app:none')],
    ['', 'failed', expect.stringContaining('not a tag')],
    ['', 'denied', expect.stringContaining('mirrored')],
  ])
})

test('a dry run of a copy says what it makes, and makes nothing', async () => {
  const { act, mirror, statusOf } = await start()
  const image = await mirror('1')
  const body = { from: `${alpine}:1`, to: 'alpine:own' }
  const plan = await act<CopyPlan>('copy', { ...body, dryRun: true })
  const sizeBytes = [image.descriptor, image.config, ...image.layers].reduce(
    (sum, { size }) => sum + size,
    0,
  )
  expect(plan).toEqual({
    digest: image.descriptor.digest,
    imageCount: 1,
    missing: [],
    sizeBytes,
  })
  expect((await act<CopyPlan>('copy', body)).digest).toBe(plan.digest)
  expect(await statusOf('alpine', 'own')).toBe(200)
  const again = await act<CopyPlan>('copy', { ...body, dryRun: true })
  expect(again.before).toBe(image.descriptor.digest)
  await act('copy', { from: `${alpine}:2`, to: 'alpine:own', dryRun: true }, 404)
})

test('one mirrored image is evicted, and frees what the dry run said', async () => {
  const { act, mirror, server, upstream } = await start()
  const one = await mirror('1', withBase('a'))
  await mirror('2', withBase('b'))
  const before = await server.listBlobs()
  const body = { image: `${alpine}:1` }
  const plan = await act<EvictImageAnswer>('evict', { ...body, dryRun: true })
  const [base, own] = one.layers
  expect(plan).toMatchObject({
    count: 1,
    images: [{ name: alpine, digest: one.descriptor.digest, tags: ['1'] }],
    freedBytes: one.descriptor.size + one.config.size + (own?.size ?? 0),
    keptBytes: base?.size,
  })
  expect(await server.listBlobs()).toEqual(before)

  expect(await act('evict', body)).toEqual(plan)
  const after = await server.listBlobs()
  const gone = before.filter((blob) => !after.includes(blob)).map((hex) => `sha256:${hex}`)
  expect(gone.sort()).toEqual([one.descriptor, one.config, own].map((part) => part?.digest).sort())
  const asked = upstream.requests.length
  await ask(server, `/v2/${alpine}/manifests/1`)
  expect(upstream.requests.length).toBeGreaterThan(asked)
})

test('an index goes with the images that only it lists', async () => {
  const { act, server, upstream } = await start()
  const { images, descriptor } = await upstream
    .repository('library/alpine')
    .addIndex('1', smallImage('a'), threePlatforms)
  const [amd64, arm64] = images
  for (const { digest } of [descriptor, ...images.slice(0, 2).map((each) => each.descriptor)])
    await ask(server, `/v2/${alpine}/manifests/${digest}`)
  await ask(server, `/v2/${alpine}/manifests/1`)
  for (const image of [amd64, arm64])
    await pullUntilKept(server, `/v2/${alpine}/blobs/${image?.layers[0]?.digest}`)

  const body = { image: `${alpine}:1` }
  const plan = await act<EvictImageAnswer>('evict', { ...body, dryRun: true })
  expect(plan.images.map(({ digest }) => digest).sort()).toEqual(
    [descriptor, amd64?.descriptor, arm64?.descriptor].map((each) => each?.digest).sort(),
  )
  expect(await act('evict', body)).toEqual(plan)
  expect(await server.listBlobs()).toEqual([])
})

test('what was pushed or pinned is not evicted, nor what is not there', async () => {
  const { act, mirror, push } = await start()
  await mirror('1')
  await push('team/app', '1')
  const pin = await act('pin', { image: 'alpine:*', dryRun: true })
  expect(pin).toEqual({ image: `${alpine}:*`, isNew: true })
  await act('unpin', { image: 'alpine:*', dryRun: true }, 404)
  await act('evict', { image: `${alpine}:1`, dryRun: true })
  expect(await act('pin', { image: 'alpine:*' })).toEqual(pin)
  for (const dryRun of [true, false]) {
    const pinned = await act('evict', { image: `${alpine}:1`, dryRun }, 403)
    expect(pinned.error).toContain(`pinned by ${alpine}:*`)
    const pushed = await act('evict', { image: 'team/app:1', dryRun }, 403)
    expect(pushed.error).toContain('team/app was pushed here')
    await act('evict', { image: `${alpine}:2`, dryRun }, 404)
  }
  await act('evict', { image: `${alpine}:1`, to: 0.5 }, 400)
  await act('unpin', { image: 'alpine:*', dryRun: true })
  await act('unpin', { image: 'alpine:*' })
  await act('evict', { image: `${alpine}:1` })
})

test('an image is fetched whole, as it was said', async () => {
  const { act, server, upstream, look } = await start()
  const { images, descriptor } = await upstream
    .repository('library/alpine')
    .addIndex('1', smallImage('a'), threePlatforms)
  const body = { image: `${alpine}:1` }
  const nothing = await act<WarmAnswer>('warm', { ...body, dryRun: true })
  expect(nothing).toEqual({
    name: alpine,
    blobs: [],
    count: 0,
    bytes: 0,
    unknown: 1,
    underWay: false,
  })
  expect(upstream.requests).toEqual([])

  const begun = await act<WarmAnswer>('warm', body)
  expect(begun).toMatchObject({ digest: descriptor.digest, unknown: 3, underWay: true })
  await vi.waitFor(async () => {
    const { underWay, count, unknown } = await act<WarmAnswer>('warm', { ...body, dryRun: true })
    expect([underWay, count, unknown]).toEqual([false, 0, 0])
  }, 10_000)
  const all = images.flatMap((image) => [image.descriptor, image.config, ...image.layers])
  const kept = await server.listBlobs()
  expect(kept).toEqual([descriptor, ...all].map(({ digest }) => digest.slice(7)).sort())
  const { manifests } = await look(`${alpine}:1`)
  for (const { imageSize, keptSize } of manifests) expect(keptSize).toBe(imageSize)
})

test('of one platform just that is fetched', async () => {
  const { act, server, upstream } = await start()
  const { images } = await upstream
    .repository('library/alpine')
    .addIndex('1', smallImage('a'), threePlatforms)
  const [, arm64] = images
  await ask(server, `/v2/${alpine}/manifests/1`)
  await ask(server, `/v2/${alpine}/manifests/${arm64?.descriptor.digest}`)
  const body = { image: `${alpine}:1`, platform: 'linux/arm64' }
  const plan = await act<WarmAnswer>('warm', { ...body, dryRun: true })
  const parts = [arm64?.config, ...(arm64?.layers ?? [])]
  expect(plan.blobs).toEqual(parts.map((part) => ({ digest: part?.digest, size: part?.size })))

  expect(await act('warm', body)).toEqual({ ...plan, underWay: true })
  await vi.waitFor(async () => expect(await server.listBlobs()).toHaveLength(4), 10_000)
})

test('offline nothing is fetched, and it says so; what is all here needs nothing', async () => {
  const { act, mirror, server } = await start()
  await mirror('1')
  await server.post('/api/v1/offline', { offline: true })
  for (const dryRun of [true, false]) {
    const refused = await act('warm', { image: `${alpine}:2`, dryRun }, 503)
    expect(refused.error).toContain('offline')
    expect(await act('warm', { image: `${alpine}:1`, dryRun })).toMatchObject({ count: 0 })
  }
})

test('what was pushed is not fetched', async () => {
  const { act, push } = await start()
  await push('team/app', '1')
  const refused = await act('warm', { image: 'team/app:1' }, 403)
  expect(refused.error).toContain('team/app was pushed here')
})

test('a serving thread does all of it too', async () => {
  const { act, push, look, mirror, server } = await start({ threads: 2 })
  await push('team/app', '1')
  await mirror('1')
  const body = { image: 'team/app:1', tag: 'two' }
  const { digest } = await act<TagAnswer>('tag', { ...body, dryRun: true })
  expect(await act('tag', body)).toMatchObject({ digest })
  expect(await act('remove', { image: 'team/app:1', dryRun: true })).toMatchObject({
    keptTags: ['two'],
  })
  await act('copy', { from: `${alpine}:1`, to: 'mine/alpine:1', dryRun: true })
  expect(await act('warm', { image: `${alpine}:1` })).toMatchObject({ count: 0, underWay: false })
  await act('pin', { image: `${alpine}:1` })
  expect(await look(`${alpine}:1`)).toMatchObject({ pinnedBy: `${alpine}:1` })
  await act('unpin', { image: `${alpine}:1` })
  expect(await act('evict', { image: `${alpine}:1` })).toMatchObject({ count: 1 })
  const read = await ask(server, '/api/v1/document?name=team/app:two')
  expect(JSON.parse(read.body.toString())).toMatchObject({ name: 'team/app', digest })
})
