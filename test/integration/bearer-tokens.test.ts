import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { answerJson } from '../support/scripted-answer.ts'
import { basicLogin, requireBearer } from '../support/scripted-auth.ts'
import { fail, makeGate, redirectTo, waitFor } from '../support/scripted-behaviour.ts'
import { startMirrored, startUpstream, tagTtlMs } from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'
const tokenRequest = /^GET \/token/
const login = { username: 'robot', password: 'top-secret' }

test('many waiters need one token, and the token is used again', async () => {
  const { upstream, server } = await startMirrored()
  requireBearer(upstream)
  const tags = Array.from({ length: 20 }, (_, position) => `v${position}`)
  for (const tag of tags) await upstream.repository('team/app').addImage(tag, smallImage(tag))

  const replies = await Promise.all(tags.map((tag) => ask(server, `/v2/team/app/manifests/${tag}`)))

  for (const reply of replies) expect(reply.status).toBe(200)
  expect(upstream.count(tokenRequest)).toBe(1)
  expect(upstream.count('GET /v2/')).toBe(1)
  const [asked] = upstream.find(tokenRequest)
  const { searchParams } = new URL(asked?.url ?? '', upstream.url)
  expect(searchParams.get('scope')).toBe('repository:team/app:pull')
  expect(searchParams.get('service')).toBe('scripted')
  expect(asked?.headers).not.toHaveProperty('authorization')
})

test('each repository has a token of its own', async () => {
  const { upstream, server } = await startMirrored()
  const { tokens } = requireBearer(upstream)
  for (const name of ['team/app', 'team/other']) {
    await upstream.repository(name).addImage('1', smallImage(name))
    await ask(server, `/v2/${name}/manifests/1`)
    await ask(server, `/v2/${name}/tags/list`)
  }

  expect(tokens).toHaveLength(2)
  const used = upstream.find(/team\/other\/manifests/).map(({ headers }) => headers.authorization)
  expect(used).toEqual([`Bearer ${tokens[1]}`])
})

test('the login goes to the realm, and only the token to the registry', async () => {
  const { upstream, server } = await startMirrored(login)
  const own = basicLogin(login.username, login.password)
  requireBearer(upstream, { login: own })
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  expect((await ask(server, path)).status).toBe(200)

  for (const request of upstream.requests) {
    const isToRealm = request.url.startsWith('/token')
    expect(request.headers.authorization === own).toBe(isToRealm)
  }
})

test("a client's own credentials go nowhere", async () => {
  const { upstream, server } = await startMirrored()
  requireBearer(upstream)
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  const headers = { authorization: basicLogin('client', 'its-password'), cookie: 'session=its' }
  expect((await ask(server, path, { headers })).status).toBe(200)

  for (const request of upstream.requests) {
    expect(request.headers.authorization ?? '').not.toContain('Basic')
    expect(request.headers).not.toHaveProperty('cookie')
  }
})

test('a token is renewed before its time is over', async () => {
  const { upstream, server, clock } = await startMirrored({ tagTtl: 0 })
  requireBearer(upstream, { expiresInSeconds: 300 })
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)

  clock.advance(200_000)
  await ask(server, path)
  expect(upstream.count(tokenRequest)).toBe(1)

  clock.advance(90_000)
  await ask(server, path)
  expect(upstream.count(tokenRequest)).toBe(2)
})

test('a token that upstream no longer takes is renewed once, for all who hold it', async () => {
  const { upstream, server, clock } = await startMirrored()
  const guard = requireBearer(upstream, { expiresInSeconds: 3600 })
  const tags = Array.from({ length: 10 }, (_, position) => `v${position}`)
  for (const tag of tags) {
    await upstream.repository('team/app').addImage(tag, smallImage(tag))
    await ask(server, `/v2/team/app/manifests/${tag}`)
  }
  guard.revoke()
  clock.advance(tagTtlMs)

  const replies = await Promise.all(tags.map((tag) => ask(server, `/v2/team/app/manifests/${tag}`)))

  for (const reply of replies) {
    expect(reply.status).toBe(200)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
  }
  expect(upstream.count(tokenRequest)).toBe(2)
})

test('a registry that challenges only where it is about content is obeyed, by all at once', async () => {
  const { upstream, server } = await startMirrored()
  requireBearer(upstream, { isBaseGuarded: false })
  const tags = Array.from({ length: 10 }, (_, position) => `v${position}`)
  for (const tag of tags) await upstream.repository('team/app').addImage(tag, smallImage(tag))

  const replies = await Promise.all(tags.map((tag) => ask(server, `/v2/team/app/manifests/${tag}`)))

  expect(replies.map(({ status }) => status)).toEqual(tags.map(() => 200))
  expect(upstream.count(tokenRequest)).toBe(1)
})

test('a registry that refuses the token it just gave is asked no more than twice', async () => {
  const { upstream, server } = await startMirrored()
  const guard = requireBearer(upstream)
  upstream.script(tokenRequest, (usual) => {
    guard.revoke()
    return usual
  })
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  const reply = await ask(server, path)

  expect(reply.status).toBe(403)
  expect(errorOf(reply).code).toBe('DENIED')
  expect(reply.headers).not.toHaveProperty('www-authenticate')
  expect(upstream.count(`GET ${path}`)).toBe(2)
  expect(upstream.count(tokenRequest)).toBe(2)
})

test('a realm on another host is refused, and nothing is sent there', async () => {
  const { upstream, server } = await startMirrored(login)
  const stranger = await startUpstream()
  requireBearer(upstream, { realm: `${stranger.otherUrl}/token` })
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  const reply = await ask(server, path)

  expect(reply.status).toBe(502)
  expect(errorOf(reply).message).toContain('docker.io')
  expect(stranger.requests).toEqual([])
  for (const { headers } of upstream.requests) expect(headers).not.toHaveProperty('authorization')
})

test('a realm that redirects is not followed', async () => {
  const { upstream, server } = await startMirrored({ ...login, allowHosts: ['localhost'] })
  const stranger = await startUpstream()
  requireBearer(upstream)
  upstream.script(tokenRequest, redirectTo(`${stranger.otherUrl}/token`))
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  expect((await ask(server, path)).status).toBe(502)
  expect(stranger.requests).toEqual([])
})

test.each([
  { name: 'a refusal', behaviour: fail(401), status: 403 },
  { name: 'a 500', behaviour: fail(500), status: 503 },
  { name: 'a 429', behaviour: fail(429, { 'retry-after': '3' }), status: 429 },
  { name: 'no token', behaviour: () => answerJson({}), status: 502 },
  { name: 'a broken token', behaviour: () => answerJson({ token: 'a\nb' }), status: 502 },
])('a realm that gives $name is told apart', async ({ behaviour, status }) => {
  const { upstream, server, clock } = await startMirrored()
  requireBearer(upstream)
  const mend = upstream.script(tokenRequest, behaviour)
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  const reply = await ask(server, path)
  expect(reply.status).toBe(status)
  expect(errorOf(reply).message).toContain('docker.io')

  mend()
  clock.advance(3_000)
  expect((await ask(server, path)).status).toBe(200)
})

test('a waiter that leaves takes the token from nobody', async () => {
  const { upstream, server } = await startMirrored()
  requireBearer(upstream)
  const gate = makeGate()
  upstream.script(tokenRequest, waitFor(gate))
  await upstream.repository('team/app').addImage('1', smallImage('a'))

  const leaver = new AbortController()
  const left = ask(server, path, { signal: leaver.signal }).catch(() => undefined)
  await upstream.received(tokenRequest)
  const stayer = ask(server, path)
  leaver.abort()
  await left
  gate.open()

  expect((await stayer).status).toBe(200)
  expect(upstream.count(tokenRequest)).toBe(1)
})

test.each([404, 400, 301])(
  'a token service that answers %i makes a kept tag stale, and nothing unknown a 404',
  async (status) => {
    const { upstream, server } = await startMirrored({ tagTtl: 0 })
    const { revoke } = requireBearer(upstream)
    await upstream.repository('team/app').addImage('1', smallImage('a'))
    await ask(server, path)
    revoke()
    upstream.script(tokenRequest, fail(status))

    const stale = await ask(server, path)
    expect(stale.status).toBe(200)
    expect(stale.headers['x-entrepot-cache']).toBe('stale')
    expect((await ask(server, '/v2/team/app/manifests/2')).status).toBe(502)
  },
)

test('a token service that has moved is found again', async () => {
  const { upstream, server } = await startMirrored({ tagTtl: 0 })
  const { revoke } = requireBearer(upstream)
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  revoke()
  upstream.script(/^GET \/token\?/, fail(404))
  const moved = new URL('/moved/token', upstream.url)
  upstream.script(/^GET \/moved\/token\?/, () => answerJson({ token: 'moved-token' }))
  upstream.script(/^\S+ \/v2\//, (_, { headers, url }) => {
    if (headers.authorization !== 'Bearer moved-token') {
      const refusal = answerJson({ errors: [] }, 401)
      const challenge = `Bearer realm="${moved}",service="scripted"`
      return { ...refusal, headers: { ...refusal.headers, 'www-authenticate': challenge } }
    }
    return answerJson({ name: 'team/app', tags: [url] })
  })

  const list = '/v2/team/app/tags/list'
  await ask(server, list)
  expect((await ask(server, list)).headers['x-entrepot-cache']).toBe('miss')
})
