import { expect, test, vi } from 'vitest'
import type { ImagesAnswer } from '../../src/answers/images.ts'
import { smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage, pushIndex } from '../support/lab/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const list = async (server: StartedServer, repository: string, query = '') => {
  const path = `/api/v1/images?repository=${repository}${query}`
  const { status, body } = await ask(server, path)
  expect(status, body.toString()).toBe(200)
  return JSON.parse(body.toString()) as ImagesAnswer
}
const tagsOf = ({ images }: ImagesAnswer) => images.map(({ tag }) => tag)

const startHosting = async () => {
  const mirrored = await startMirrored({ prefetch: false }, { access: { anonymous: 'push' } })
  const to = { url: `http://127.0.0.1:${mirrored.server.port}`, repository: 'team/app' }
  return { ...mirrored, to }
}

test('tags come in any order, either way, in pages, and searched', async () => {
  const { server, to, clock } = await startHosting()
  for (const [tag, bytes] of [
    ['1.10', 1_000],
    ['1.9', 50_000],
    ['edge', 9_000],
  ] as const) {
    clock.advance(60_000)
    await pushImage(to, tag, { seed: tag, layerSizes: [bytes] })
  }
  const by = async (query: string) => tagsOf(await list(server, 'team/app', query))

  expect(await by('')).toEqual(['1.10', '1.9', 'edge'])
  expect(await by('&sort=tag')).toEqual(['1.9', '1.10', 'edge'])
  expect(await by('&sort=-tag')).toEqual(['edge', '1.10', '1.9'])
  expect(await by('&sort=-size')).toEqual(['1.9', 'edge', '1.10'])
  expect(await by('&sort=-stored')).toEqual(['edge', '1.9', '1.10'])
  expect(await by('&sort=-stored&search=1.')).toEqual(['1.9', '1.10'])
  const page = await list(server, 'team/app', '&sort=tag&offset=1&limit=1')
  expect(page).toMatchObject({ total: 3, images: [{ tag: '1.10' }] })
  expect(page).not.toHaveProperty('next')
  const first = await list(server, 'team/app', '&limit=2')
  expect(first).toMatchObject({ total: 3, next: '1.9' })
  expect(await by('&limit=2&after=1.9')).toEqual(['edge'])
  for (const query of ['&sort=digest', '&offset=x', '&limit=0']) {
    const { status } = await ask(server, `/api/v1/images?repository=team/app${query}`)
    expect(status, query).toBe(400)
  }
})

test('a tag tells its platforms, what of it is its own, and when it was stored', async () => {
  const { server, to, clock } = await startHosting()
  const before = clock.now()
  const shared = { layerSizes: [40_000, 2_000] }
  const base = await pushImage(to, 'one', { seed: 'one', ...shared, layerSeeds: ['base', 'one'] })
  await pushImage(to, 'two', { seed: 'two', ...shared, layerSeeds: ['base', 'two'] })
  const index = await pushIndex(to, 'multi', { ...smallImage('m'), platforms: threePlatforms })

  const { images } = await list(server, 'team/app', '&sort=tag')

  const [multi, one, two] = images
  const baseBytes = base.layers[0]?.size
  expect(one).toMatchObject({ platforms: ['linux/amd64'], sharedSize: baseBytes, pulls: 0 })
  expect(one?.ownSize).toBe((one?.size ?? 0) - (baseBytes ?? 0))
  expect(two?.sharedSize).toBe(baseBytes)
  expect(Date.parse(one?.stored ?? '')).toBeGreaterThanOrEqual(before)
  expect(one).not.toHaveProperty('checked')
  expect(multi).toMatchObject({
    digest: index.descriptor.digest,
    platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
    sharedSize: 0,
    ownSize: multi?.size,
  })
})

test('a mirrored tag tells when upstream last said what it means, and its pulls of each day', async () => {
  const { server, upstream, clock } = await startHosting()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const path = '/v2/docker.io/team/app/manifests/1'
  const before = clock.now()
  await ask(server, path)
  for (const { digest } of [image.config, ...image.layers])
    await pullUntilKept(server, `/v2/docker.io/team/app/blobs/${digest}`)
  clock.advance(10 * 60_000)
  await ask(server, path)

  const found = await vi.waitFor(async () => {
    const [tag] = (await list(server, 'docker.io/team/app', '&sort=-pulls')).images
    expect(tag?.pulls).toBe(2)
    return tag
  }, 20_000)

  expect(Date.parse(found?.checked ?? '')).toBeGreaterThanOrEqual(before + 10 * 60_000)
  expect(found).toMatchObject({ pinned: false, platforms: ['linux/amd64'], sharedSize: 0 })
  expect(found?.pullsByDay).toHaveLength(30)
  expect(found?.pullsByDay.reduce((sum, pulls) => sum + pulls, 0)).toBe(2)
})
