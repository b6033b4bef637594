import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { digestOf, smallImage } from '../support/image-builder.ts'
import { pushImage, putManifest, uploadBlob } from '../support/push-image.ts'
import { ask, post } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const start = (others = {}) => startMirrored({}, { access: { anonymous: 'push' }, ...others })

type Server = Awaited<ReturnType<typeof start>>['server']

const prune = async (server: Server, body: object = {}) => {
  const reply = await server.post('/api/v1/prune', body)
  expect(reply.status, String(reply.body)).toBe(200)
  return JSON.parse(String(reply.body))
}

const remove = async (server: Server, image: string) =>
  JSON.parse(String((await post(server, '/api/v1/remove', { image })).body))

test('what a removed image alone needed is freed, once no push can count on it', async () => {
  const { server, clock } = await start()
  const one = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('one') })
  const two = await pushImage(server, 'team/app', { tag: '2', recipe: smallImage('two') })
  expect(await remove(server, 'team/app:1')).toEqual({
    tags: ['1'],
    digests: [one.descriptor.digest],
  })
  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(404)

  // Its manifest at once: that is pushed again with every push.
  expect((await prune(server)).freed).toEqual({ blobs: 1, bytes: one.bytes.length })
  clock.advance(2 * hourMs)
  expect((await prune(server)).freed.blobs).toBe(2)

  const left = [two.descriptor, two.config, ...two.layers].map(({ digest }) => digest.slice(7))
  expect(await server.listBlobs()).toEqual(left.sort())
  for (const { digest } of one.layers) {
    expect((await ask(server, `/v2/team/app/blobs/${digest}`)).status).toBe(404)
  }
  for (const { digest } of two.layers) {
    expect((await ask(server, `/v2/team/app/blobs/${digest}`)).status).toBe(200)
  }
})

test('what another image or repository needs stays', async () => {
  const { server, clock } = await start()
  const image = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('same') })
  await pushImage(server, 'team/app', { tag: 'also', recipe: smallImage('same') })
  await pushImage(server, 'team/other', { tag: '1', recipe: smallImage('same') })
  expect(await remove(server, 'team/app:1')).toEqual({ tags: ['1'], digests: [] })
  await remove(server, 'team/app:also')
  clock.advance(2 * dayMs)
  expect((await prune(server)).freed).toEqual({ blobs: 0, bytes: 0 })
  expect((await ask(server, '/v2/team/other/manifests/1')).body).toEqual(image.bytes)
  const [layer] = image.layers
  expect((await ask(server, `/v2/team/other/blobs/${layer?.digest}`)).status).toBe(200)
  expect((await ask(server, `/v2/team/app/blobs/${layer?.digest}`)).status).toBe(404)
})

test('a layer stays while a push to its repository may be under way, and for a day at most', async () => {
  const { server, clock } = await start()
  const bytes = Buffer.from('a layer')
  await uploadBlob(server, 'team/app', { digest: digestOf(bytes), bytes })
  for (let hour = 0; hour < 24; hour++) {
    clock.advance(hourMs - 1000)
    // Somebody pushes something else there.
    await ask(server, '/v2/team/app/blobs/uploads/', { method: 'POST' })
    expect((await prune(server)).freed.blobs).toBe(0)
  }
  clock.advance(hourMs)
  expect((await prune(server)).freed).toEqual({ blobs: 1, bytes: bytes.length })
})

test('whoever is told that a layer is there can count on it', async () => {
  const { server, clock } = await start()
  const image = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('a') })
  await remove(server, 'team/app:1')
  clock.advance(2 * dayMs)
  const blobs = [image.config, ...image.layers]
  for (const { digest } of blobs) {
    const path = `/v2/team/app/blobs/${digest}`
    expect((await ask(server, path, { method: 'HEAD' })).status).toBe(200)
  }
  clock.advance(hourMs / 2)
  await prune(server)
  const { mediaType } = image.descriptor
  const manifest = { reference: '2', mediaType, bytes: image.bytes }
  expect((await putManifest(server, 'team/app', manifest)).status).toBe(201)
})

test('what a server left in the middle of pushes is freed by the next', async () => {
  const { server, clock, restart } = await start()
  const bytes = Buffer.from('a layer without an image')
  await uploadBlob(server, 'team/app', { digest: digestOf(bytes), bytes })
  const next = await restart()
  clock.advance(2 * hourMs)
  expect((await prune(next)).freed).toEqual({ blobs: 1, bytes: bytes.length })
  expect(await next.listBlobs()).toEqual([])
})

test('the rules of mirrors.yaml remove old pushes, those of a request others', async () => {
  const rule = { repositories: ['iac/**'], tags: '^[a-f]+$', keepLast: 2 }
  const { server, clock } = await start({ hosted: { retention: [rule], immutableTags: ['**:c'] } })
  for (const tag of ['a', 'b', 'c', 'd', 'e', 'latest']) {
    await pushImage(server, 'iac/app', { tag, recipe: smallImage(tag) })
    await pushImage(server, 'team/app', { tag, recipe: smallImage(tag) })
    clock.advance(1000)
  }
  const tagsOf = async (repository: string) =>
    JSON.parse(String((await ask(server, `/v2/${repository}/tags/list`)).body)).tags

  const dry = await prune(server, { dryRun: true })
  expect(dry.removed.map(({ tags }: { tags: string[] }) => tags)).toEqual([['b'], ['a']])
  expect(dry.freed).toBeUndefined()
  expect(await tagsOf('iac/app')).toHaveLength(6)

  await prune(server)
  expect(await tagsOf('iac/app')).toEqual(['c', 'd', 'e', 'latest'])
  expect(await tagsOf('team/app')).toHaveLength(6)
  await prune(server, { rules: [{ repositories: ['team/*'], keepLast: 1 }] })
  expect(await tagsOf('team/app')).toEqual(['c', 'latest'])
  const vain = { rules: [{ repositories: ['a'] }] }
  expect((await server.post('/api/v1/prune', vain)).status).toBe(400)
})

test('a tag that is pushed again while a rule is carried out stays', async () => {
  const { server, clock } = await start()
  const one = { tag: '1', recipe: smallImage('one') }
  await pushImage(server, 'team/app', one)
  for (let tag = 2; tag < 40; tag++)
    await pushImage(server, 'team/app', { tag: `${tag}`, recipe: smallImage(`${tag}`) })
  clock.advance(1000)
  const tagsLeft = async () =>
    JSON.parse(String((await ask(server, '/v2/team/app/tags/list')).body)).tags.length
  const pruning = prune(server, { rules: [{ repositories: ['**'], keepLast: 0 }] })
  while ((await tagsLeft()) === 39) await setImmediate()
  const again = await pushImage(server, 'team/app', one)
  expect(again.reply.status).toBe(201)
  await pruning
  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(200)
})

test('a tag that must not move is neither moved nor removed', async () => {
  const { server } = await start({ hosted: { immutableTags: ['v*'] } })
  const first = await pushImage(server, 'team/app', { tag: 'v1', recipe: smallImage('one') })
  const moved = await pushImage(server, 'team/app', { tag: 'v1', recipe: smallImage('two') })
  expect([moved.reply.status, String(moved.reply.body)]).toEqual([
    403,
    expect.stringContaining('immutableTags'),
  ])
  const again = await pushImage(server, 'team/app', { tag: 'v1', recipe: smallImage('one') })
  expect(again.reply.status).toBe(201)
  for (const reference of ['v1', first.descriptor.digest]) {
    const path = `/v2/team/app/manifests/${reference}`
    expect((await ask(server, path, { method: 'DELETE' })).status).toBe(403)
    const separator = reference === 'v1' ? ':' : '@'
    const image = `team/app${separator}${reference}`
    expect((await post(server, '/api/v1/remove', { image })).status).toBe(403)
  }
  expect((await post(server, '/api/v1/remove', { repository: 'team/app' })).status).toBe(403)
  expect((await ask(server, '/v2/team/app/manifests/v1')).body).toEqual(first.bytes)
  await pushImage(server, 'team/app', { tag: 'latest', recipe: smallImage('two') })
  expect((await remove(server, 'team/app:latest')).tags).toEqual(['latest'])
})

test('the data folder holds nothing that nobody needs once all is removed', async () => {
  const { server, clock } = await start()
  for (const tag of ['1', '2'])
    await pushImage(server, 'team/app', { tag, recipe: smallImage(tag) })
  expect((await post(server, '/api/v1/remove', { repository: 'team/app' })).status).toBe(200)
  clock.advance(2 * hourMs)
  await prune(server)
  expect(await server.listBlobs()).toEqual([])
  expect(await readdir(join(server.data, 'uploads'))).toEqual([])
})
