import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, type RawRequest } from '../../support/raw-client.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { addToken, addUsers, basic, type Headers, passwords, withRecords } from './callers.ts'

const session = '/api/v1/session'
const login = (user: string, password: string) => JSON.stringify({ user, password })

let server: StartedServer

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  server = await startServer(directory.path, { threads: 2 })
  await addUsers(server)
  return () => directory.remove()
})
afterAll(() => server.stop())

const post = (body: string, headers: Headers = {}): ReturnType<typeof ask> =>
  ask(server, session, { method: 'POST', body, headers })

const who = async (headers: Headers, options: RawRequest = {}) =>
  JSON.parse((await ask(server, session, { ...options, headers })).body.toString())

test('a cookie stands for its user until logout, in every thread', async () => {
  const reply = await post(login('alice', passwords.alice))
  expect(JSON.parse(reply.body.toString())).toEqual({
    kind: 'user',
    name: 'alice',
    admin: true,
    canLogIn: true,
  })
  const header = String(reply.headers['set-cookie'])
  expect(header).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
  const cookie = header.split(';')[0] ?? ''
  const origin = `http://127.0.0.1:${server.port}`
  for (let times = 0; times < 8; times++)
    expect(await who({ cookie })).toMatchObject({ name: 'alice' })

  const elsewhere = await ask(server, '/api/v1/pin', {
    method: 'POST',
    headers: { cookie, origin: `http://127.0.0.1:${server.port + 1}` },
    body: '{"image": "docker.io/library/node:20"}',
  })
  expect(elsewhere.status).toBe(403)
  expect((await ask(server, session, { method: 'DELETE', headers: { cookie } })).status).toBe(403)

  const out = await ask(server, session, { method: 'DELETE', headers: { cookie, origin } })
  expect(String(out.headers['set-cookie'])).toMatch(/^entrepot_session=; Max-Age=0/)
  for (let times = 0; times < 8; times++)
    expect(await who({ cookie })).toMatchObject({ kind: 'anonymous' })
})

test('a session is begun by a password alone, from no other page', async () => {
  const token = await withRecords(server, (records) =>
    addToken(records, { name: 'laptop', kind: 'personal', user: 'alice', may: ['pull'] }),
  )
  expect((await post(login('alice', token))).status).toBe(403)
  const origin = 'http://evil.example'
  expect((await post(login('alice', passwords.alice), { origin })).status).toBe(403)
  expect((await post(login('alice', 'looking-glass'))).status).toBe(401)
})

test('what is wrong with a login is told without a word of it', async () => {
  for (const body of ['{"user": "alice", "passwort": "wonderland"}', '"wonderland', 'wonderland']) {
    const reply = await post(body)
    expect(reply.status).toBe(400)
    expect(reply.body.toString()).not.toContain('wonderland')
  }
  expect(JSON.stringify(server.log)).not.toContain('wonderland')
})

test('a user has twenty sessions at most', async () => {
  const cookies: string[] = []
  for (let times = 0; times < 21; times++) {
    const reply = await post(login('root', passwords.root))
    cookies.push(String(reply.headers['set-cookie']).split(';')[0] ?? '')
  }
  const [first = '', second = ''] = cookies
  expect(await who({ cookie: first })).toMatchObject({ kind: 'anonymous' })
  expect(await who({ cookie: second })).toMatchObject({ name: 'root' })
  expect(await who({ cookie: first, ...basic('alice', passwords.alice) })).toMatchObject({
    name: 'alice',
  })
})
