import { describe, expect, test, vi } from 'vitest'
import { type BuiltImage, smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask, type RawRequest } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import type { Settings, StartedServer } from '../support/start-server.ts'

const everybody = (repositories: string, ...may: string[]) => ({
  who: 'anonymous',
  repositories,
  may,
})

/** Two that are mirrored and one that is hosted, all of them kept; then the access that is to be tested. */
const startWith = async (settings: Settings, threads = 1) => {
  const open = { access: { anonymous: 'push' }, threads }
  const { server, upstream, settings: before } = await startMirrored({}, open)
  const mirrored = await upstream.repository('library/node').addImage('20', smallImage('node'))
  const both = await upstream.repository('team/both').addImage('1', smallImage('theirs'))
  const hosted = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('ours') })
  for (const [path, { layers }] of [
    ['docker.io/library/node', mirrored],
    ['docker.io/team/both', both],
  ] as [string, BuiltImage][]) {
    await ask(server, `/v2/${path}/manifests/${path.endsWith('node') ? '20' : '1'}`)
    for (const { digest } of layers) await ask(server, `/v2/${path}/blobs/${digest}`)
  }
  await server.configure({ ...before, ...settings })
  return { server, upstream, mirrored, both, hosted }
}

type Started = Awaited<ReturnType<typeof startWith>>

/** Enough that every thread gets some. */
const tries = Array.from({ length: 16 }, (_, index) => index)

/** From elsewhere: a proxy stands between. */
const elsewhere = { 'x-forwarded-for': '192.0.2.1' }

const statusOf = async (server: StartedServer, path: string, options: RawRequest = {}) =>
  (await ask(server, path, { ...options, headers: { ...elsewhere, ...options.headers } })).status

/** Every question about one name that only pulls, and what each is answered with where it is allowed. */
const pullsOf = (name: string, image: BuiltImage, tag: string) => {
  const manifest = `/v2/${name}/manifests`
  const [layer] = image.layers
  return [
    `${manifest}/${tag}`,
    `${manifest}/${image.descriptor.digest}`,
    `/v2/${name}/blobs/${layer?.digest}`,
    `/v2/${name}/tags/list`,
    `/v2/${name}/referrers/${image.descriptor.digest}`,
    `/api/v1/images?repository=${name}`,
    `/api/v1/image?name=${name}:${tag}`,
    `/api/v1/why?name=${name}:${tag}`,
  ]
}

const statuses = async ({ server }: Started, paths: readonly string[], method = 'GET') => {
  const found = new Set<number>()
  for (const path of paths) found.add(await statusOf(server, path, { method }))
  return [...found]
}

const catalogOf = async (server: StartedServer, path: string) => {
  const { body } = await ask(server, path, { headers: elsewhere })
  const { repositories } = JSON.parse(body.toString())
  return repositories.map((each: string | { name: string }) =>
    typeof each === 'string' ? each : each.name,
  )
}

describe('nobody but whom a rule names', () => {
  const none = (...rules: object[]) => ({ access: { anonymous: 'none', rules } })

  test('pulls anything, by whichever name and question', async () => {
    const started = await startWith(none())
    const { mirrored, hosted } = started
    for (const path of [
      ...pullsOf('docker.io/library/node', mirrored, '20'),
      ...pullsOf('library/node', mirrored, '20'),
      ...pullsOf('team/app', hosted, '1'),
      '/docker.io/v2/library/node/manifests/20',
      '/v2/library/node/manifests/20?ns=docker.io',
    ]) {
      expect(await statusOf(started.server, path), path).toBe(403)
      const isRegistry = !path.startsWith('/api')
      if (isRegistry) expect(await statusOf(started.server, path, { method: 'HEAD' })).toBe(403)
    }
    for (const path of ['upstreams', 'offline', 'space', 'pins'])
      expect(await statusOf(started.server, `/api/v1/${path}`), path).toBe(403)
    expect(await catalogOf(started.server, '/v2/_catalog')).toEqual([])
    expect(await catalogOf(started.server, '/api/v1/repositories')).toEqual([])
    expect(await statusOf(started.server, '/v2/')).toBe(200)
  })

  test('pulls more than what it names', async () => {
    const started = await startWith(none(everybody('docker.io/library/**', 'pull')))
    const { server, mirrored, both, hosted } = started
    for (const name of ['docker.io/library/node', 'library/node'])
      expect(await statuses(started, pullsOf(name, mirrored, '20'))).toEqual([200])
    for (const name of ['docker.io/team/both', 'team/both'])
      expect(await statuses(started, pullsOf(name, both, '1'))).toEqual([403])
    expect(await statuses(started, pullsOf('team/app', hosted, '1'))).toEqual([403])
    expect(await catalogOf(server, '/v2/_catalog')).toEqual(['docker.io/library/node'])
    expect(await catalogOf(server, '/v2/_catalog?n=1')).toEqual(['docker.io/library/node'])
    expect(await catalogOf(server, '/api/v1/repositories?limit=1')).toEqual([
      'docker.io/library/node',
    ])
  })

  test('is answered by the mirror under a hosted name, or by what is hosted under a mirrored one', async () => {
    const started = await startWith(none(everybody('docker.io/**', 'pull')))
    const { server, hosted } = started
    expect(await statuses(started, pullsOf('team/app', hosted, '1'))).toEqual([403])
    await server.configure({
      upstreams: { 'docker.io': { url: started.upstream.url } },
      ...none(everybody('team/**', 'pull')),
    })
    expect(await statuses(started, pullsOf('team/app', hosted, '1'))).toEqual([200])
    expect(await statuses(started, pullsOf('team/both', started.both, '1'))).toEqual([403])
  })

  test('pushes, removes or mounts', async () => {
    const rules = [
      everybody('team/app', 'pull'),
      everybody('team/new', 'push'),
      everybody('team/old', 'delete'),
    ]
    const { server, hosted } = await startWith(none(...rules))
    const [layer] = hosted.layers
    const begin = (name: string) =>
      statusOf(server, `/v2/${name}/blobs/uploads/`, { method: 'POST' })
    const remove = (name: string) =>
      statusOf(server, `/v2/${name}/manifests/${hosted.descriptor.digest}`, { method: 'DELETE' })
    expect([await begin('team/new'), await begin('team/app'), await begin('team/old')]).toEqual([
      202, 403, 403,
    ])
    expect([await remove('team/new'), await remove('team/app'), await remove('team/old')]).toEqual([
      403, 403, 404,
    ])
    const mount = (digest = '') =>
      statusOf(server, `/v2/team/new/blobs/uploads/?mount=${digest}&from=team/app`, {
        method: 'POST',
      })
    expect(await mount(layer?.digest)).toBe(201)
    await server.configure({ access: { anonymous: 'none', rules: rules.slice(1) } })
    expect(await mount(hosted.config.digest)).toBe(202)
    expect(await statusOf(server, `/v2/team/app/blobs/${layer?.digest}`)).toBe(403)
    expect(await statusOf(server, '/v2/team/other/blobs/uploads/', { method: 'POST' })).toBe(403)
  })

  test('who may only push finds an empty repository, and no image of an upstream', async () => {
    const { server, both, hosted } = await startWith(none(everybody('team/**', 'push')))
    const [layer] = both.layers
    const head = (path: string) => statusOf(server, path, { method: 'HEAD' })
    expect(await head('/v2/team/both/manifests/1')).toBe(404)
    expect(await head(`/v2/team/both/blobs/${layer?.digest}`)).toBe(404)
    expect(await statusOf(server, '/v2/team/both/manifests/1')).toBe(404)
    expect(await statusOf(server, `/v2/team/app/manifests/${hosted.descriptor.digest}`)).toBe(403)
  })
})

test.each([1, 2])(
  'what is taken away is answered from memory no more, with %i threads',
  async (threads) => {
    const { server, upstream } = await startWith({ threads }, threads)
    const path = '/v2/docker.io/library/node/manifests/20'
    const ask = async () => [...new Set(await Promise.all(tries.map(() => statusOf(server, path))))]
    expect(await ask()).toEqual([200])
    const settings = { upstreams: { 'docker.io': { url: upstream.url } }, threads }
    await server.configure({ ...settings, access: { anonymous: 'none' } })
    await vi.waitFor(async () => expect(await ask()).toEqual([403]))
    await server.configure(settings)
    await vi.waitFor(async () => expect(await ask()).toEqual([200]))
  },
)

test('what comes from a private upstream wants a rule', async () => {
  const started = await startWith({})
  const { server, upstream, mirrored } = started
  const upstreams = { 'docker.io': { url: upstream.url, private: true } }
  await server.configure({ upstreams })
  expect(await statuses(started, pullsOf('docker.io/library/node', mirrored, '20'))).toEqual([403])
  expect(await catalogOf(server, '/v2/_catalog')).toEqual(['team/app'])
  const [layer] = mirrored.layers
  expect(await statusOf(server, `/api/v1/why?name=${layer?.digest}`)).toBe(403)
  const { headers } = server.operator
  expect(await statusOf(server, `/api/v1/why?name=${layer?.digest}`, { headers })).toBe(200)
  const rules = [everybody('docker.io/library/node', 'pull')]
  await server.configure({ upstreams, access: { rules } })
  expect(await statuses(started, pullsOf('docker.io/library/node', mirrored, '20'))).toEqual([200])
})

test('whoever operates the server sees and does all of it, and nobody else on its own machine does', async () => {
  const { server } = await startWith({ access: { anonymous: 'none' } })
  const { headers } = server.operator
  const { status, body } = await ask(server, '/api/v1/repositories', { headers })
  expect(status).toBe(200)
  const { repositories } = JSON.parse(body.toString())
  expect(repositories.map(({ name }: { name: string }) => name)).toEqual([
    'docker.io/library/node',
    'docker.io/team/both',
    'team/app',
  ])
  for (const path of [
    '/api/v1/why?name=docker.io/library/node:20',
    '/v2/docker.io/library/node/manifests/20',
  ]) {
    expect(await statusOf(server, path, { headers })).toBe(200)
    for (const nothing of [{}, { host: 'localhost' }])
      expect((await ask(server, path, { headers: nothing })).status).toBe(403)
  }
  expect(await catalogOf(server, '/api/v1/repositories')).toEqual([])
})

test('a list goes on behind what is left out of it', async () => {
  const rules = [everybody('docker.io/library/**', 'pull'), everybody('team/app', 'pull')]
  const { server } = await startWith({ access: { anonymous: 'none', rules } })
  const first = await ask(server, '/v2/_catalog?n=1')
  expect(JSON.parse(first.body.toString())).toEqual({ repositories: ['docker.io/library/node'] })
  const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(String(first.headers.link)) ?? []
  const second = await ask(server, next)
  expect(JSON.parse(second.body.toString())).toEqual({ repositories: ['team/app'] })
  expect(second.headers.link).toBeUndefined()
})
