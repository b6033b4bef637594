import { expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { EventReader } from '../support/event-reader.ts'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask, openReply, post } from '../support/raw-client.ts'
import { holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import {
  makeFolder,
  pullUntilKept,
  startMirrored,
  startServerForTest,
} from '../support/start-mirrored.ts'
import { addUsers, basic, passwords } from './access/callers.ts'
import { logIn, startWithUsers } from './access/start-with-users.ts'

const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }

const startAlone = async (settings = {}) =>
  startServerForTest(await makeFolder(), { upstreams, ...settings }, systemClock)

test('what is pushed and deleted is told in the form of CloudEvents, to readers of every thread', async () => {
  const server = await startAlone({ threads: 3, access: { anonymous: 'push' } })
  await vi.waitFor(() => {
    const listening = server.log.filter(({ msg }) => msg === 'a serving thread listens')
    expect(listening).toHaveLength(2)
  }, 10_000)
  const readers = await Promise.all(
    Array.from({ length: 10 }, () => EventReader.open(server, { types: 'push,delete' })),
  )
  expect(readers[0]?.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })

  const { descriptor } = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('a') })
  await server.post('/api/v1/remove', { image: 'team/app:1' })

  for (const reader of readers) {
    const { event, id } = await reader.find('push')
    expect(event).toEqual({
      specversion: '1.0',
      id,
      source: expect.stringMatching(/^\/\/[^/]+\/entrepot$/),
      type: 'io.entrepot.push',
      time: expect.stringMatching(/^20.*Z$/),
      subject: 'team/app:1',
      datacontenttype: 'application/json',
      data: { repository: 'team/app', tags: ['1'], digest: descriptor.digest },
    })
    const removed = { repository: 'team/app', tags: ['1'], digests: [descriptor.digest] }
    expect((await reader.find('delete')).event.data).toEqual(removed)
    expect(reader.told).toHaveLength(2)
  }
})

test('a fetch is told of from its beginning to its end, with its progress and its readers', async () => {
  const { server, upstream } = await startMirrored()
  const reader = await EventReader.open(server, { types: 'fetch' })
  const bytes = makeBytes('layer', 3_000_000)
  const digest = upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  const gate = makeGate()
  upstream.script(`GET ${path}`, holdAfter(2_000_000, gate))
  const pulls = await Promise.all([openReply(server, path), openReply(server, path)])

  const isHeld = ({ received }: { received?: unknown }) => Number(received) >= 2_000_000
  const { event, id } = await reader.find('fetch', isHeld)
  expect(id).toBe('')
  expect(event.subject).toBe(`docker.io/team/app@${digest}`)
  expect(event.data).toEqual({
    state: 'progress',
    upstream: 'docker.io',
    repository: 'team/app',
    digest,
    received: 2_000_000,
    size: 3_000_000,
    waiting: 2,
  })
  gate.open()
  await Promise.all(pulls.map((pull) => pull.finish()))

  const ended = await reader.find('fetch', ({ state }) => state === 'ended')
  expect(ended.event.data).toMatchObject({ received: 3_000_000, size: 3_000_000 })
  expect(reader.told[0]?.event.data.state).toBe('begun')
})

test('a fetch that fails, and an upstream that goes and comes back, are told of', async () => {
  const { server, upstream } = await startMirrored()
  const reader = await EventReader.open(server)
  await upstream.stop()
  const zeros = `sha256:${'0'.repeat(64)}`
  await ask(server, `/v2/team/app/blobs/${zeros}`)
  const failed = await reader.find('fetch', ({ state }) => state === 'failed')
  expect(failed.event.data.error).toMatch(/^docker\.io /)
  for (let times = 0; times < 3; times++) await ask(server, '/v2/team/app/manifests/1')

  const { event } = await reader.find('upstream-down')
  expect(event).toMatchObject({
    subject: 'docker.io',
    data: { upstream: 'docker.io', url: upstream.url, reason: expect.any(String) },
  })
  await upstream.start()
  expect((await reader.find('upstream-up')).event.data).toMatchObject({ url: upstream.url })
})

test('an eviction names what went, and switching offline is told of', async () => {
  const { server, upstream, clock } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, '/v2/team/app/manifests/1')
  await pullUntilKept(server, `/v2/team/app/blobs/${image.layers[0]?.digest}`)
  clock.advance(2 * 3_600_000)
  const reader = await EventReader.open(server)

  await server.post('/api/v1/evict', { to: 0 })
  await server.post('/api/v1/offline', { offline: true })

  expect((await reader.find('evict')).event.data).toMatchObject({
    reason: 'by hand',
    count: 1,
    images: [{ upstream: 'docker.io', repository: 'team/app', tags: ['1'] }],
  })
  expect((await reader.find('offline')).event.data).toEqual({ offline: true })
})

test('who comes back goes on where he was, and hears of it where that is too long ago', async () => {
  const server = await startAlone()
  const first = await EventReader.open(server)
  for (const offline of [true, false, true]) await server.post('/api/v1/offline', { offline })
  const { id } = await first.find('offline', ({ offline }) => offline === false)
  first.leave()

  const again = await EventReader.open(server, { headers: { 'last-event-id': id } })
  await again.find('offline')
  expect(again.told.map(({ event }) => event.data)).toEqual([{ offline: true }])
  const unknown = await EventReader.open(server, { headers: { 'last-event-id': 'of-another-run' } })
  await unknown.find('offline', ({ offline }) => offline === false)
  expect(unknown.told.map(({ type }) => type)).toEqual(['missed', 'offline', 'offline', 'offline'])
})

test('a type that there is none of is refused, and the others are named', async () => {
  const server = await startAlone()
  const { status, body } = await ask(server, '/api/v1/events?types=pull,pulls')
  expect(status).toBe(400)
  expect(JSON.parse(body.toString()).error).toMatch(/"pulls" is no type .*pull,serving,fetch/)
})

test('one client has ten streams at most, in all threads, and gets their places back', async () => {
  const server = await startAlone({ threads: 2 })
  const readers = await Promise.all(Array.from({ length: 10 }, () => EventReader.open(server)))
  expect(readers.map(({ status }) => status)).toEqual(readers.map(() => 200))

  for (let times = 0; times < 4; times++) {
    const refused = await ask(server, '/api/v1/events')
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBe('30')
    expect(JSON.parse(refused.body.toString()).error).toMatch(/you have 10 streams/)
  }
  readers[3]?.leave()
  await vi.waitFor(async () => expect((await EventReader.open(server)).status).toBe(200), 5_000)
})

test('streams end at once when the server stops, also of who reads nothing', async () => {
  const server = await startAlone({ threads: 2 })
  const readers = await Promise.all(Array.from({ length: 8 }, () => EventReader.open(server)))
  readers[0]?.pause()
  const begun = performance.now()
  await server.stop()
  expect(performance.now() - begun).toBeLessThan(5_000)
  await Promise.all(readers.slice(1).map((reader) => reader.ended))
})

test('everybody sees what he may pull, and only who administers the server the rest', async () => {
  const rules = [
    { who: 'alice', repositories: 'team/**', may: ['pull', 'push'] },
    { who: 'root', repositories: '**', may: ['pull', 'push', 'delete', 'admin'] },
  ]
  const server = await startWithUsers({ access: { anonymous: 'none', rules } })
  const asRoot = basic('root', passwords.root)
  expect((await ask(server, '/api/v1/events')).status).toBe(401)
  const alice = await EventReader.open(server, { headers: basic('alice', passwords.alice) })
  const root = await EventReader.open(server, { headers: asRoot })

  for (const repository of ['secret/app', 'team/app'])
    await pushImage(server, repository, { tag: '1', recipe: smallImage('a'), headers: asRoot })
  await post(server, '/api/v1/remove', { image: 'team/app:1' }, asRoot)

  await Promise.all([alice.find('delete'), root.find('delete')])
  const subjectsOf = ({ told }: EventReader) =>
    told.filter(({ type }) => type === 'push').map(({ event }) => event.subject)
  expect(subjectsOf(alice)).toEqual(['team/app:1'])
  expect(subjectsOf(root)).toEqual(['secret/app:1', 'team/app:1'])
})

test('a stream ends with the login that it began with, a minute later at most', async () => {
  const { server, clock } = await startMirrored()
  await addUsers(server)
  const { cookie } = await logIn(server, 'root', passwords.root)
  const root = await EventReader.open(server, { headers: { cookie } })
  const alice = await EventReader.open(server, { headers: basic('alice', passwords.alice) })
  const headers = { cookie, origin: `http://127.0.0.1:${server.port}` }
  await ask(server, '/api/v1/session', { method: 'DELETE', headers })

  clock.advance(60_000)
  await server.post('/api/v1/offline', { offline: true })

  await alice.find('offline')
  await root.ended
  expect(root.told).toEqual([])
})

test('pulls, and what is being written to clients, are told of, and by whom to who has logged in', async () => {
  const { server, upstream } = await startMirrored()
  await addUsers(server)
  const types = 'pull,serving'
  const root = await EventReader.open(server, { types, headers: basic('root', passwords.root) })
  const nobody = await EventReader.open(server, { types })
  const image = await upstream.repository('team/app').addImage('1', {
    seed: 'a',
    layerSizes: [2_000_000],
  })
  const path = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  const gate = makeGate()
  upstream.script(`GET ${path}`, holdAfter(1_000_000, gate))
  const headers = basic('alice', passwords.alice)
  await ask(server, '/v2/team/app/manifests/1', { headers })
  const pull = await openReply(server, path, { headers })

  const [seen, open] = await Promise.all([root, nobody].map((reader) => reader.find('pull')))
  const told = {
    image: 'docker.io/team/app:1',
    upstream: 'docker.io',
    repository: 'team/app',
    outcome: 'miss',
    pulls: 1,
    bytes: image.bytes.length,
  }
  expect(open?.event).toMatchObject({ subject: 'docker.io/team/app:1', data: told })
  expect(open?.event.data).toEqual(told)
  expect(seen?.event.data).toEqual({ ...told, client: '127.0.0.1', user: 'alice' })
  const transfersOf = ({ transfers }: Readonly<Record<string, unknown>>) => transfers as object[]
  const isServing = (data: Readonly<Record<string, unknown>>) => transfersOf(data).length === 1
  const [transfer] = transfersOf((await root.find('serving', isServing)).event.data)
  const shown = { image: 'docker.io/team/app:1', size: image.layers[0]?.size, cache: 'miss' }
  expect(transfer).toMatchObject({ ...shown, client: '127.0.0.1', user: 'alice' })
  const [plain] = transfersOf((await nobody.find('serving', isServing)).event.data)
  expect(plain).toMatchObject(shown)
  expect(plain).not.toHaveProperty('user')
  expect(plain).not.toHaveProperty('client')
  gate.open()
  await pull.finish()
  await root.find('serving', (data) => transfersOf(data).length === 0)
})
