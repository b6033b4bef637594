import { expect, test, vi } from 'vitest'
import type { SpaceAnswer } from '../../src/answers/space.ts'
import { type BuiltImage, smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

type Parts = SpaceAnswer['parts']

const start = async (threads = 1) => {
  const settings = { threads, space: { minAge: '0s' }, access: { anonymous: 'push' } }
  const mirrored = await startMirrored({}, settings)
  const { server, upstream, clock } = mirrored
  const pull = async (name: string, image: BuiltImage, tag = '1') => {
    await ask(server, `/v2/docker.io/${name}/manifests/${tag}`)
    await ask(server, `/v2/docker.io/${name}/manifests/${image.descriptor.digest}`)
    for (const { digest } of [image.config, ...image.layers])
      await pullUntilKept(server, `/v2/docker.io/${name}/blobs/${digest}`)
  }
  const mirror = async (name: string, seeds: readonly string[]) => {
    const recipe = { seed: name, layerSizes: seeds.map(() => 4096), layerSeeds: seeds }
    const image = await upstream.repository(name).addImage('1', recipe)
    await pull(name, image)
    return image
  }
  /** Checked: together they are all that is kept. */
  const measure = async (): Promise<Parts> => {
    const reply = await ask(server, '/api/v1/space')
    const { parts, kept } = JSON.parse(`${reply.body}`) as SpaceAnswer
    const sum = Object.values(parts).reduce((total, bytes) => total + bytes, 0)
    expect(sum).toBe(kept.reduce((total, { bytes }) => total + bytes, 0))
    return parts
  }
  /** A machine that is slow is told what it was, until it is measured anew. */
  const expectParts = (parts: Partial<Parts>) =>
    vi.waitFor(async () => expect(await measure()).toMatchObject(parts), { timeout: 10_000 })
  const pin = (image: string) => server.post('/api/v1/pin', { image })
  const unpin = (image: string) => server.post('/api/v1/unpin', { image })
  return { ...mirrored, pull, mirror, measure, expectParts, pin, unpin, clock }
}

const sizeOf = ({ descriptor, config, layers }: BuiltImage) =>
  [descriptor, config, ...layers].reduce((sum, { size }) => sum + size, 0)

test.each([1, 2])('each kept byte is told once, with %i threads', async (threads) => {
  const { server, mirror, measure, expectParts, pin, unpin } = await start(threads)
  expect(await measure()).toEqual({
    hostedBytes: 0,
    pinnedBytes: 0,
    mirroredBytes: 0,
    reclaimableBytes: 0,
  })
  const app = await mirror('team/app', ['base', 'app'])
  const other = await mirror('team/other', ['base', 'other'])
  const shared = app.layers[0]?.size ?? 0
  const all = sizeOf(app) + sizeOf(other) - shared
  await pin('team/app:*')
  await expectParts({
    pinnedBytes: sizeOf(app),
    mirroredBytes: all - sizeOf(app),
  })
  // Of what is pinned too, as long as it is pushed.
  const pushed = await pushImage(
    { url: `http://127.0.0.1:${server.port}`, repository: 'team/own' },
    '1',
    {
      seed: 'own',
      layerSizes: [4096, 4096],
      layerSeeds: ['base', 'own'],
    },
  )
  const expected = {
    hostedBytes: sizeOf(pushed),
    pinnedBytes: sizeOf(app) - shared,
    mirroredBytes: all - sizeOf(app),
    reclaimableBytes: 0,
  }
  // What was pushed counts at once; what that took from the pinned, once it is measured again.
  expect(await measure()).toMatchObject({ hostedBytes: sizeOf(pushed) })
  await expectParts(expected)
  await unpin('team/app:*')
  await pin('team/**')
  await expectParts({ pinnedBytes: all - shared, mirroredBytes: 0 })
})

test('what a pinned index lists is pinned with it', async () => {
  const { server, upstream, pull, expectParts, pin } = await start()
  const index = await upstream.repository('team/app').addIndex('1', smallImage('a'), threePlatforms)
  const [first] = index.images
  if (!first) throw new Error('the index lists no image')
  await pull('team/app', first)
  await pin('docker.io/team/app:1')
  const pinnedBytes = index.bytes.length + sizeOf(first)
  await expectParts({ pinnedBytes, mirroredBytes: 0 })
  expect((await server.listBlobs()).length).toBe(4)
})

test('what nobody names can be reclaimed, after the time in which it may yet be named', async () => {
  const { server, upstream, mirror, expectParts, clock } = await start()
  const app = await mirror('team/app', ['app'])
  const stray = Buffer.alloc(3000, 1)
  const digest = upstream.repository('team/app').addBlob(stray)
  await pullUntilKept(server, `/v2/docker.io/team/app/blobs/${digest}`)
  await expectParts({ mirroredBytes: sizeOf(app) + 3000, reclaimableBytes: 0 })
  clock.advance(3_600_000)
  await server.post('/api/v1/unpin', { image: 'none' })
  await expectParts({ mirroredBytes: sizeOf(app), reclaimableBytes: 3000 })
  await server.post('/api/v1/evict', { to: 0 })
  await expectParts({ mirroredBytes: 0, reclaimableBytes: 0 })
})
