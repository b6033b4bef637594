import { expect, test, vi } from 'vitest'
import type {
  UpstreamHistory,
  UpstreamHistoryAnswer,
  UpstreamsAnswer,
} from '../../src/answers/upstreams.ts'
import { smallImage } from '../support/image-builder.ts'
import { ask, post } from '../support/raw-client.ts'
import { basicLogin, requireBearer } from '../support/scripted-auth.ts'
import { cutAfter, fail, limitedFor, swallow } from '../support/scripted-behaviour.ts'
import { startMirrored, startUpstream, tagTtlMs } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { addUsers, basic, type Headers, passwords, rules } from './access/callers.ts'

// What upstreams did is told over time, and why they didn't.

const minuteMs = 60_000
const pull = (server: StartedServer, tag: string) => ask(server, `/v2/team/app/manifests/${tag}`)

const readHistory = async (
  server: StartedServer,
  query = '?upstream=docker.io',
  headers: Headers = {},
): Promise<UpstreamHistoryAnswer> => {
  const { status, body } = await ask(server, `/api/v1/upstreams/history${query}`, { headers })
  expect(status, body.toString()).toBe(200)
  return JSON.parse(body.toString())
}

const readOne = async (...asked: Parameters<typeof readHistory>): Promise<UpstreamHistory> => {
  const [first] = (await readHistory(...asked)).upstreams
  if (!first) throw new Error('no upstream is told of')
  return first
}

const readLogin = async (server: StartedServer, headers: Headers = {}) => {
  const { body } = await ask(server, '/api/v1/upstreams', { headers })
  const { upstreams } = JSON.parse(body.toString()) as UpstreamsAnswer
  return upstreams[0]?.urls[0]?.login
}

const testSteps = async (server: StartedServer, name = 'docker.io') => {
  const { status, body } = await server.post('/api/v1/upstreams/test', { upstream: name })
  expect(status, body.toString()).toBe(200)
  return JSON.parse(body.toString()).urls[0].steps
}

const startWithImages = async (...settings: Parameters<typeof startMirrored>) => {
  const mirrored = await startMirrored(...settings)
  const repository = mirrored.upstream.repository('team/app')
  for (const tag of ['1', '2']) await repository.addImage(tag, smallImage(tag))
  return mirrored
}

test('requests, bytes and times to the first byte are told by slot, also after a restart', async () => {
  const { server, clock, restart } = await startWithImages()
  await pull(server, '1')
  clock.advance(20 * minuteMs)
  await pull(server, '2')
  await pull(server, 'none')
  const before = await readOne(server)
  expect(before.totals).toMatchObject({ failed: 0, downSeconds: 0 })
  expect(before.urls[0]?.slots).toHaveLength(2)
  expect(before.urls[0]?.slots[1]?.requests).toBeGreaterThanOrEqual(2)
  expect(before.totals.bytes).toBeGreaterThan(100)
  expect(before.totals.p95Ms).toBeGreaterThanOrEqual(before.totals.p50Ms ?? Infinity)
  expect(clock.now() - Date.parse(before.answeredAt ?? '')).toBeLessThan(minuteMs)

  const restarted = await restart()
  expect(await readOne(restarted)).toEqual(before)
  await pull(restarted, 'none')
  expect((await readOne(restarted)).totals.requests).toBe(before.totals.requests + 1)
})

test('all upstreams together are told of in half hours of a day, and one in quarters', async () => {
  const { server } = await startWithImages()
  await pull(server, '1')
  const all = await readHistory(server, '')
  expect(all.slotSeconds).toBe(1_800)
  expect(all.upstreams[0]).not.toHaveProperty('troubles')
  expect((await readHistory(server)).slotSeconds).toBe(900)
  expect((await readHistory(server, '?upstream=docker.io&since=30d')).slotSeconds).toBe(28_800)
  const { status } = await ask(server, '/api/v1/upstreams/history?since=31d')
  expect(status).toBe(400)
})

test('failures are told by kind, with their messages, and how long it was left alone', async () => {
  const { upstream, server, clock } = await startWithImages()
  const takeBack = upstream.script(/manifests/, fail(503))
  await pull(server, '1')
  takeBack()
  await pull(server, '1')
  const limited = upstream.script(/manifests/, limitedFor(120))
  await pull(server, '2')
  limited()
  clock.advance(2 * minuteMs)
  await pull(server, '2')

  const { totals, troubles = [] } = await readOne(server)
  expect(totals.failures).toMatchObject({ limited: 1, unavailable: 3, invalid: 0 })
  expect(totals).toMatchObject({ failed: 4, limitedSeconds: 120, downSeconds: 0 })
  expect(troubles.map(({ kind, times, message }) => [kind, times, message])).toEqual([
    ['up', 1, 'docker.io may be asked again'],
    ['down', 1, 'docker.io limits our requests at the moment (429)'],
    ['limited', 1, 'docker.io limits our requests at the moment (429)'],
    ['unavailable', 3, 'docker.io answered 503'],
  ])
  expect(troubles[3]).toMatchObject({ repository: 'team/app', url: upstream.url })
})

test('one that says nothing has failed, and was down for so long', async () => {
  const { upstream, server, clock } = await startWithImages({
    connectTimeout: '200ms',
    idleTimeout: '500ms',
  })
  const takeBack = upstream.script(/^GET \/v2\//, swallow)
  expect((await pull(server, '1')).status).toBe(503)
  await vi.waitFor(async () => {
    expect((await readOne(server)).troubles?.some(({ kind }) => kind === 'down')).toBe(true)
  }, 5_000)
  clock.advance(minuteMs)
  takeBack()
  await vi.waitFor(async () => expect((await pull(server, '1')).status).toBe(200), 10_000)
  const { totals, troubles = [] } = await readOne(server)
  expect(totals.downSeconds).toBeGreaterThanOrEqual(60)
  expect(totals.failures.unavailable).toBeGreaterThanOrEqual(1)
  expect(troubles.map(({ kind }) => kind)).toContain('up')
})

test('an answer that breaks off in its middle has failed; its bytes count', async () => {
  const { upstream, server } = await startWithImages()
  const layer = Buffer.alloc(300_000, 7)
  const digest = upstream.repository('team/app').addBlob(layer)
  const takeBack = upstream.script(/blobs/, cutAfter(200_000))
  const { totals, troubles } = await vi.waitFor(async () => {
    await ask(server, `/v2/team/app/blobs/${digest}`).catch(() => undefined)
    const told = await readOne(server)
    expect(told.totals.failed).toBeGreaterThan(0)
    return told
  }, 10_000)
  takeBack()
  expect(totals.bytes).toBeGreaterThan(200_000)
  expect(troubles?.[0]).toMatchObject({ kind: 'unavailable', repository: 'team/app' })
  expect(troubles?.[0]?.message).toBe('docker.io closed the connection')
})

test('whoever may not pull a repository learns nothing of it, nor of any login', async () => {
  const { upstream, server } = await startWithImages(
    { username: 'mirror-bot', password: 'secret', private: true },
    { access: { anonymous: 'pull', rules } },
  )
  await addUsers(server)
  requireBearer(upstream, { login: basicLogin('somebody', 'else') })
  await ask(server, '/v2/docker.io/team/secret/manifests/1', { headers: server.operator.headers })

  const stranger = await readOne(server)
  expect(stranger.totals.failures.denied).toBe(1)
  expect(stranger.troubles?.[0]).toMatchObject({ kind: 'denied', times: 1 })
  const text = JSON.stringify([stranger, await readLogin(server)])
  expect(text).not.toMatch(/team\/secret|mirror-bot|"secret"/)
  const alice = basic('alice', passwords.alice)
  expect(JSON.stringify(await readOne(server, undefined, alice))).not.toContain('team/secret')

  const operator = await readOne(server, undefined, server.operator.headers)
  expect(operator.troubles?.[0]?.repository).toBe('team/secret')
  expect(operator.troubles?.[0]?.message).toContain('refuses the username and password')
  expect(await readLogin(server, server.operator.headers)).toMatchObject({
    configured: true,
    username: 'mirror-bot',
    scheme: 'bearer',
    tokens: 0,
    refused: { reason: expect.stringContaining('that repository') },
  })
})

test('a token that is held is told of, and never told', async () => {
  const { upstream, server, clock } = await startWithImages()
  const guard = requireBearer(upstream, { expiresInSeconds: 600 })
  expect(await readLogin(server)).toEqual({ configured: false, tokens: 0 })
  await pull(server, '1')
  expect(guard.tokens).toHaveLength(1)
  const login = await readLogin(server, server.operator.headers)
  expect(login).toMatchObject({ configured: false, scheme: 'bearer', tokens: 1 })
  expect(login?.tokenSeconds).toBeGreaterThan(530)
  expect(JSON.stringify(login)).not.toContain('secret-token')
  clock.advance(10 * minuteMs)
  expect(await readLogin(server)).toEqual({ configured: false, scheme: 'bearer', tokens: 0 })
})

test('tags that are past their time are counted', async () => {
  const { server, clock } = await startWithImages()
  await pull(server, '1')
  await pull(server, '2')
  expect((await readOne(server)).tags).toEqual({ kept: 2, due: 0 })
  clock.advance(tagTtlMs)
  await pull(server, '2')
  expect((await readOne(server)).tags).toEqual({ kept: 2, due: 1 })
})

test('a test takes the steps of a request, and says what each found', async () => {
  const { upstream, server } = await startWithImages({ username: 'alice', password: 'secret' })
  requireBearer(upstream, { login: basicLogin('alice', 'secret') })
  const steps = await testSteps(server)
  expect(steps.map(({ step, result }: Record<string, string>) => `${step} ${result}`)).toEqual([
    'dns ok',
    'connect ok',
    'auth ok',
    'registry ok',
  ])
  expect(steps[2].detail).toBe('it takes the login, and gives a token')
  expect(upstream.count(/manifests|blobs/)).toBe(0)
})

test('a test ends at the step that fails, and says why', async () => {
  const { upstream, server } = await startWithImages({ username: 'alice', password: 'wrong' })
  requireBearer(upstream, { login: basicLogin('alice', 'secret') })
  const [, , auth, ...rest] = await testSteps(server)
  expect(auth).toMatchObject({ step: 'auth', result: 'failed' })
  expect(auth.detail).toContain('refuses the username and password')
  expect(rest).toEqual([])
  await upstream.stop()
  const [, connect] = await testSteps(server)
  expect(connect).toMatchObject({ step: 'connect', result: 'failed' })
  expect(connect.detail).toBe("docker.io can't be reached: it refuses connections")
})

test('a test that an upstream leaves waiting ends with the server', async () => {
  const { upstream, server } = await startWithImages()
  upstream.script(/^GET \/v2\//, swallow)
  const testing = testSteps(server)
  await vi.waitFor(() => expect(upstream.count(/^GET \/v2\//)).toBe(1))
  const stopping = server.stop()
  expect((await testing).at(-1)).toMatchObject({ step: 'auth', result: 'failed' })
  await stopping
}, 10_000)

test('a test obeys the rule for private addresses, like a fetch', async () => {
  const { server } = await startMirrored({}, { upstreams: { '*': {} } })
  const [dns, ...rest] = await testSteps(server, '127.0.0.1.nip.example')
  expect(dns).toMatchObject({ step: 'dns', result: 'failed' })
  expect(rest).toEqual([])
  const [literal] = await testSteps(server, '127.0.0.1:9')
  expect(literal).toMatchObject({ step: 'dns', result: 'failed' })
  expect(literal.detail).toContain('not public')
})

test('a test is refused offline, for what is no upstream, and to who is no admin', async () => {
  const { server } = await startMirrored({}, { access: { anonymous: 'pull', rules } })
  const test = (upstream: string) => server.post('/api/v1/upstreams/test', { upstream })
  expect((await test('nowhere.example')).status).toBe(404)
  expect((await post(server, '/api/v1/upstreams/test', { upstream: 'docker.io' })).status).toBe(403)
  await server.post('/api/v1/offline', { offline: true })
  const refused = await test('docker.io')
  expect(refused.status).toBe(503)
  expect(refused.body.toString()).toContain('offline')
})

test('of several URLs each has its own history, and is tested', async () => {
  const first = await startUpstream()
  const { upstream, server } = await startWithImages({})
  await server.configure({ upstreams: { 'docker.io': { url: [first.url, upstream.url] } } })
  first.script(/manifests/, fail(500))
  expect((await pull(server, '1')).status).toBe(200)
  const { urls } = await readOne(server)
  const failed = urls.map(({ url, slots }) => [url, slots.some((slot) => slot.failed > 0)])
  expect(Object.fromEntries(failed)).toEqual({ [first.url]: true, [upstream.url]: false })
})
