import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeBytes, smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { operate } from '../support/run-command.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const start = async (threads: number, others = {}) => {
  const mirrored = await startMirrored(
    {},
    { threads, space: { minAge: '0s', ...others }, access: { anonymous: 'push' } },
  )
  const { server } = mirrored
  const run = (...args: readonly string[]) => operate(server, ...args)
  const api = async (path: string, body?: object) => {
    const reply = await (body ? server.post(`/api/v1${path}`, body) : ask(server, `/api/v1${path}`))
    return { status: reply.status, ...JSON.parse(`${reply.body}`) }
  }
  const pull = async (name: string, digests: readonly string[]) => {
    const { status } = await ask(server, `/v2/docker.io/${name}`)
    for (const digest of digests) {
      const [repository] = name.split('/manifests/')
      await pullUntilKept(server, `/v2/docker.io/${repository}/blobs/${digest}`)
    }
    mirrored.clock.advance(1000)
    return status
  }
  return { ...mirrored, run, api, pull }
}

const evictAll = { to: 0 }

test.each([1, 2])(
  'a blob that is being streamed while it is evicted arrives whole, with %i threads',
  async (threads) => {
    const { upstream, server, api, pull, clock } = await start(threads)
    const bytes = makeBytes('slow', 30_000_000)
    const repository = upstream.repository('team/app')
    const digest = repository.addBlob(bytes)
    const path = `/v2/docker.io/team/app/blobs/${digest}`
    await pull('team/app/manifests/none', [digest])
    const reply = await openReply(server, path)
    await reply.read(100_000)
    clock.advance(3_600_000)
    expect(await api('/evict', evictAll)).toMatchObject({ orphans: 1, freedBytes: bytes.length })
    expect(await server.listBlobs()).toEqual([])
    await delay(50)
    const { body, isComplete } = await reply.finish()
    expect([isComplete, body.equals(bytes)]).toEqual([true, true])
    expect((await ask(server, path)).body.equals(bytes)).toBe(true)
    expect(upstream.count(`GET ${path.replace('docker.io/', '')}`)).toBe(2)
  },
)

test.each([1, 2])(
  'what was evicted is fetched again, and is kept then, with %i threads',
  async (threads) => {
    const { upstream, server, api, pull } = await start(threads)
    const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const blobs = [image.config, ...image.layers].map(({ digest }) => digest)
    for (const round of [1, 2, 3]) {
      expect(await pull('team/app/manifests/1', blobs)).toBe(200)
      expect(await pull(`team/app/manifests/${image.descriptor.digest}`, blobs)).toBe(200)
      expect((await server.listBlobs()).length, `in round ${round}`).toBe(3)
      const { images, count } = await api('/evict', evictAll)
      expect([images[0], count]).toMatchObject([{ name: 'docker.io/team/app', tags: ['1'] }, 1])
      expect(await server.listBlobs()).toEqual([])
    }
  },
)

test('of an index the platforms that nobody pulls go first', async () => {
  const { upstream, server, api, pull, clock } = await start(1)
  const index = await upstream.repository('team/app').addIndex('1', smallImage('a'), threePlatforms)
  const pullPlatform = async (place: number) => {
    const platform = index.images[place]
    await pull('team/app/manifests/1', [])
    const blobs = platform?.layers.map(({ digest }) => digest) ?? []
    await pull(`team/app/manifests/${platform?.descriptor.digest}`, blobs)
  }
  await pullPlatform(0)
  await pullPlatform(1)
  clock.advance(60_000)
  await pullPlatform(1)
  const { images } = await api('/evict', { dryRun: true, to: 0 })
  const digests = [index.images[0], index.images[1], index].map((it) => it?.descriptor.digest)
  expect(images.map(({ digest }: { digest: string }) => digest)).toEqual(digests)
  expect((await server.listBlobs()).length).toBeGreaterThan(4)
})

test('pins hold by name, pattern and mirrors.yaml, and why says so', async () => {
  const pins = ['docker.io/library/base:*']
  const { upstream, server, run, api, pull } = await start(1, { pins })
  for (const name of ['library/base', 'library/node', 'team/other'])
    await upstream.repository(name).addImage('20', smallImage(name))
  const pinned = await run('pin', 'node:20')
  expect([pinned.code, pinned.stdout]).toEqual([
    0,
    'docker.io/library/node:20 is pinned: it is never evicted\n',
  ])
  expect((await run('pin', 'node:20')).stdout).toContain('was pinned already')
  expect((await run('pin', 'other-*')).stdout).toContain('docker.io/library/other-* is pinned')
  expect((await run('unpin', 'docker.io/library/other-*')).code).toBe(0)
  expect((await run('pin', `sha256:${'a'.repeat(64)}`)).code).toBe(1)
  for (const name of ['library/base', 'library/node', 'team/other'])
    expect(await pull(`${name}/manifests/20`, [])).toBe(200)
  const dry = await run('evict', '--dry-run', '--to', '0%')
  expect(dry.stdout).toContain('docker.io/team/other:20')
  expect(dry.stdout).toContain('1 image would go')
  const done = await run('evict', '--to', '0%', '--json')
  expect(JSON.parse(done.stdout)).toMatchObject({ count: 1, orphans: 0 })
  expect((await server.listBlobs()).length).toBe(2)
  const why = await run('why', 'docker.io/team/other:20')
  expect(why.stdout).toMatch(/isn't kept\nIt was evicted .*: by hand\n/)
  expect((await run('why', 'node:20')).stdout).toContain('Pinned by docker.io/library/node:20')
  expect((await run('pin')).stdout).toBe(
    'docker.io/library/base:*  (mirrors.yaml)\ndocker.io/library/node:20\n',
  )
  const wrong = await run('unpin', 'library/base:*')
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("isn't pinned")])
  expect((await run('unpin', 'node:20')).code).toBe(0)
  expect(await api('/evict', evictAll)).toMatchObject({ count: 1 })
})

// They were taken, and pinned nothing.
test('a pin may be written as the image is pulled, and one that pins nothing is refused', async () => {
  const { upstream, run, pull } = await start(1, { pins: ['docker.io/alpine'] })
  for (const name of ['library/node', 'library/alpine']) {
    await upstream.repository(name).addImage('20', smallImage(name))
    await pull(`${name}/manifests/20`, [])
  }
  expect((await run('pin', 'index.docker.io/node:20')).stdout).toContain(
    'docker.io/library/node:20 is pinned',
  )
  expect((await run('why', 'node:20')).stdout).toContain('Pinned by docker.io/library/node:20')
  expect((await run('why', 'alpine:20')).stdout).toContain('Pinned by docker.io/library/alpine')
  expect((await run('evict', '--dry-run', '--to', '0%')).stdout).toContain('nothing would go')
  const unknown = await run('pin', 'nosuch.example/team/app')
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    expect.stringContaining('nosuch.example is not among the upstreams'),
  ])
  const spaced = await run('pin', 'node :20')
  expect([spaced.code, spaced.stderr]).toEqual([1, expect.stringContaining('no spaces')])
  expect((await run('unpin', 'docker.io/node:20')).code).toBe(0)
})

test('pins made by hand outlast a restart', async () => {
  const { upstream, run, pull, restart } = await start(1)
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await run('pin', 'docker.io/team/**')
  await pull('team/app/manifests/1', [])
  const dry = await operate(await restart(), 'evict', '--dry-run', '--to', '0%')
  expect(dry.stdout).toContain('nothing would go')
})

test('why tells of a layer, and of what was never pulled', async () => {
  const { upstream, run, pull } = await start(1)
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const layer = image.layers[0]?.digest ?? ''
  await pull('team/app/manifests/1', [layer])
  const ofLayer = await run('why', layer)
  expect(ofLayer.stdout).toContain('Needed by docker.io/team/app:1')
  const never = await run('why', 'docker.io/team/never:1')
  expect([never.code, never.stdout]).toEqual([0, expect.stringContaining('Nobody pulled it')])
  // It was taken for an image, which nobody had pulled.
  const short = await run('why', layer.slice(0, 19))
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('is not a digest')])
  expect((await run('pin', layer.slice(0, 19))).code).toBe(1)
  await run('evict', '--to', '0%')
  const gone = await run('why', layer)
  expect(gone.stdout).toMatch(/isn't kept\nIt was evicted .*\nIt went with docker.io\/team\/app:1/)
})

// It was called docker.io/team/app.
test('why calls what was pushed by its own name', async () => {
  const { upstream, server, run, pull } = await start(1)
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await pull('team/app/manifests/1', [])
  const target = { url: `http://127.0.0.1:${server.port}`, repository: 'team/app' }
  await pushImage(target, '1', smallImage('b'))
  expect((await run('why', 'team/app:1')).stdout).toMatch(/^team\/app:1 .*\nIt was pushed here/)
  expect((await run('why', 'docker.io/team/app:1')).stdout).toMatch(
    /^docker.io\/team\/app:1 .* since/,
  )
})

test('evict says what is wrong', async () => {
  const { run, api } = await start(1)
  const wrong = await run('evict', '--to', 'half')
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('60%')])
  expect(await api('/evict', { to: 60 })).toMatchObject({ status: 400 })
  expect(await api('/evict', { dry: true })).toMatchObject({ status: 400 })
})

test('evict says whether there was nothing to do, or nothing that it may do', async () => {
  const { upstream, server, run, pull } = await start(1)
  expect((await run('evict', '--to', '100%')).stdout).toBe(
    'nothing went: the disk is as empty as that already\n',
  )
  expect((await run('evict', '--dry-run', '--to', '0%')).stdout).toMatch(
    /^nothing would go, though [\d.]+ \w+ should: what else is kept was pushed here, is pinned/,
  )
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await pull('team/app/manifests/1', [])
  const done = await run('evict', '--to', '0%')
  expect(done.stdout).toMatch(/1 image evicted, .* freed\nthat is less than the .* that should go/)
  expect(server.log.map(({ msg }) => msg)).toContainEqual(
    expect.stringMatching(/^evicted 1 image, .*: by hand$/),
  )
})

test('offline nothing goes by itself, which is said once', async () => {
  const { upstream, server, api, pull, settings } = await start(1)
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await pull(
    'team/app/manifests/1',
    [image.config, ...image.layers].map(({ digest }) => digest),
  )
  const small = { space: { minAge: '0s', maxSize: 1000 } }
  await server.configure({ ...settings, ...small, offline: true })
  const said = () => server.log.filter(({ msg }) => `${msg}`.includes('nothing is evicted while'))
  await expect.poll(said).toHaveLength(1)
  for (let look = 0; look < 3; look++) await api('/space')
  expect([(await server.listBlobs()).length, said().length]).toEqual([3, 1])
  await server.configure({ ...settings, ...small })
  await expect.poll(() => server.listBlobs()).toEqual([])
})

test('more than maxSize isn’t kept', async () => {
  const { upstream, api, pull } = await start(1, { maxSize: '50KB' })
  for (let index = 0; index < 10; index++) {
    const image = await upstream.repository('team/app').addImage(`${index}`, {
      seed: `${index}`,
      layerSizes: [10_000],
    })
    await pull(
      `team/app/manifests/${index}`,
      [image.config, ...image.layers].map((it) => it.digest),
    )
  }
  const measure = async () => (await api('/space')).kept[0].bytes
  await expect.poll(measure, { timeout: 10_000 }).toBeLessThan(50_000)
  expect(await measure()).toBeGreaterThan(20_000)
})
