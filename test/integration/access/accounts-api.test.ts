import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { smallImage } from '../../support/image-builder.ts'
import { pushImage } from '../../support/push-image.ts'
import { ask } from '../../support/raw-client.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import {
  addToken,
  addUsers,
  basic,
  bearer,
  type Headers,
  passwords,
  rules,
  withRecords,
} from './callers.ts'

const root = basic('root', passwords.root)
const everyThread = 8

let server: StartedServer

beforeAll(async () => {
  const directory = await makeTemporaryDirectory()
  const access = { anonymous: 'none', rules, groups: { ops: ['root'] } }
  const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }
  server = await startServer(directory.path, { threads: 2, access, upstreams })
  await addUsers(server)
  await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('app'), headers: root })
  return () => directory.remove()
})
afterAll(() => server.stop())

const read = ({ status, body }: Awaited<ReturnType<typeof ask>>) => ({
  status,
  said: JSON.parse(body.toString()),
})
const get = async (path: string, headers: Headers = root) =>
  read(await ask(server, `/api/v1/${path}`, { headers }))
const post = async (path: string, body: unknown, headers: Headers = root) =>
  read(
    await ask(server, `/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  )
const login = async (user: string, password: string) => {
  const body = JSON.stringify({ user, password })
  const reply = await ask(server, '/api/v1/session', { method: 'POST', body })
  const cookie = String(reply.headers['set-cookie']).split(';')[0] ?? ''
  const headers = { cookie, origin: `http://127.0.0.1:${server.port}` }
  return { status: reply.status, headers }
}
/** What each of some requests is answered, whichever thread takes it. */
const statusesOf = async (headers: Headers, path = '/v2/team/app/manifests/1') => {
  const statuses = new Set<number>()
  for (let times = 0; times < everyThread; times++)
    statuses.add((await ask(server, path, { headers })).status)
  return [...statuses]
}

test('users are listed with what they may', async () => {
  const { said } = await get('users')
  const others = { unruled: false, tokens: 0, sessions: 0 }
  expect(said.users).toMatchObject([
    { name: 'alice', admin: false, rules: [withLists(rules[0])], ...others },
    { name: 'root', admin: true, rules: [withLists(rules[1])], ...others },
  ])
})

const withLists = (rule: object | undefined) => ({
  ...rule,
  repositories: [(rule as { repositories: string }).repositories],
})

test('who is added can log in at once, and who is removed cannot, in every thread', async () => {
  expect(await post('users/add', { user: 'bob', password: 'bobs-password' })).toEqual({
    status: 200,
    said: { user: 'bob', removedTokens: 0 },
  })
  const bob = basic('bob', 'bobs-password')
  expect(await statusesOf(bob, '/v2/')).toEqual([200])
  const { said: made } = await post('tokens/create', { name: 'bobs-laptop', user: 'bob' })
  const session = await login('bob', 'bobs-password')
  const { said } = await get('users')
  expect(said.users.find(({ name }: { name: string }) => name === 'bob')).toMatchObject({
    tokens: 1,
    sessions: 1,
  })

  expect(await post('users/remove', { user: 'bob' })).toEqual({
    status: 200,
    said: { user: 'bob', removedTokens: 2 },
  })
  expect(await statusesOf(bob, '/v2/')).toEqual([401])
  expect(await statusesOf(bearer(made.token), '/v2/')).toEqual([401])
  expect(await get('session', session.headers)).toMatchObject({ said: { kind: 'anonymous' } })
})

test.each<[number, string, object, string]>([
  [409, 'users/add', { user: 'alice', password: 'long-enough' }, 'there is a user "alice" already'],
  [409, 'users/add', { user: 'ops', password: 'long-enough' }, 'a group has the name "ops"'],
  [400, 'users/add', { user: 'two words', password: 'long-enough' }, 'is no name'],
  [400, 'users/add', { user: 'carol', password: 'short' }, 'at least 8 are wanted'],
  [400, 'users/add', { user: 'carol', passwort: 'long-enough' }, 'wanted as the body'],
  [404, 'users/remove', { user: 'nobody' }, 'there is no user "nobody"'],
  [409, 'users/remove', { user: 'root' }, 'let another admin remove you'],
  [404, 'users/password', { user: 'nobody', password: 'long-enough' }, 'there is no user'],
  [409, 'tokens/create', { name: 'alice', may: ['pull'] }, 'there is a user "alice"'],
  [404, 'tokens/create', { name: 'x', user: 'nobody' }, 'there is no user "nobody"'],
  [400, 'tokens/create', { name: 'x', may: ['fly'] }, 'holds "fly"'],
  [400, 'tokens/create', { name: 'x', may: [] }, 'is nothing'],
  [400, 'tokens/create', { name: 'x', may: 'pull' }, 'a list of texts'],
  [400, 'tokens/create', { name: 'x', repositories: ['a'] }, 'says where may counts'],
  [400, 'tokens/create', { name: 'x', may: ['pull'], repositories: ['!a'] }, 'repositories "!a"'],
  [400, 'tokens/create', { name: 'x', may: ['pull'], expires: 'soon' }, 'expires "soon"'],
  [404, 'tokens/revoke', { name: 'nothing' }, 'there is no token "nothing"'],
])('%i for %s %j', async (status, path, body, says) => {
  const { said, ...answered } = await post(path, body)
  expect([answered.status, said.error]).toEqual([status, expect.stringContaining(says)])
})

test('a password is changed by who has it, and ends other logins of browsers', async () => {
  await post('users/add', { user: 'carol', password: 'first-password' })
  const [here, elsewhere] = [
    await login('carol', 'first-password'),
    await login('carol', 'first-password'),
  ]
  const { said: token } = await post('tokens/create', { name: 'carols', user: 'carol' })
  const change = (oldPassword: string | undefined, headers: Headers = here.headers) =>
    post('users/password', { user: 'carol', oldPassword, password: 'second-password' }, headers)
  const cookie = decodeURIComponent(here.headers.cookie.replace('entrepot_session=', ''))
  for (const wrong of ['not-this-one', token.token, cookie])
    expect(await change(wrong)).toMatchObject({
      status: 403,
      said: { error: 'the old password is wrong' },
    })
  expect(await change(undefined)).toMatchObject({ status: 400 })
  expect(
    await post('users/password', { user: 'root', password: 'mine-by-now' }, here.headers),
  ).toMatchObject({ status: 403 })

  const body = { user: 'carol', oldPassword: 'first-password', password: 'second-password' }
  const reply = await ask(server, '/api/v1/users/password', {
    method: 'POST',
    headers: here.headers,
    body: JSON.stringify(body),
  })
  expect(reply.status).toBe(200)
  const renewed = String(reply.headers['set-cookie']).split(';')[0] ?? ''
  expect(await get('session', { cookie: renewed })).toMatchObject({ said: { name: 'carol' } })
  for (const { cookie } of [here.headers, elsewhere.headers])
    expect(await get('session', { cookie })).toMatchObject({ said: { kind: 'anonymous' } })
  expect((await login('carol', 'first-password')).status).toBe(401)

  expect(await post('users/password', { user: 'carol', password: 'third-password' })).toMatchObject(
    {
      status: 200,
      said: { user: 'carol' },
    },
  )
  expect((await login('carol', 'third-password')).status).toBe(200)
  const { users } = (await get('users')).said
  expect(users.find(({ name }: { name: string }) => name === 'carol')).toMatchObject({
    sessions: 1,
    tokens: 1,
  })
})

test('a token is shown once, is good at once, and good for nothing once it is revoked', async () => {
  const wanted = { name: 'ci', may: ['push', 'pull'], repositories: ['team/**'], expires: '90d' }
  const { status, said: made } = await post('tokens/create', wanted)
  expect(status).toBe(200)
  expect(made).toMatchObject({
    token: expect.stringMatching(/^entrepot_[0-9a-f]{12}_/),
    name: 'ci',
    may: ['pull', 'push'],
    over: false,
  })
  expect(await statusesOf(basic('whoever', made.token))).toEqual([200])
  await vi.waitFor(async () => {
    const { said } = await get('tokens')
    const ci = said.tokens.find(({ name }: { name: string }) => name === 'ci')
    const { token: _, ...others } = made
    expect(ci).toEqual({ ...others, lastUsed: expect.stringMatching(/^\d{4}-/) })
    expect(JSON.stringify(said)).not.toContain(made.token.slice(10))
    const { users } = (await get('users')).said
    expect(users.find(({ name }: { name: string }) => name === 'root')).toMatchObject({
      lastSeen: expect.stringMatching(/^\d{4}-/),
    })
  }, 8_000)

  expect(await post('tokens/create', wanted)).toMatchObject({ status: 409 })
  expect(await post('tokens/revoke', { name: 'ci' })).toEqual({
    status: 200,
    said: { token: 'ci' },
  })
  expect(await statusesOf(basic('whoever', made.token))).toEqual([401])
})

test('a login of a browser is no token that could be revoked by a name', async () => {
  const { headers } = await login('root', passwords.root)
  const names = await withRecords(server, async (records) =>
    (await records.listTokens(['session'])).map(({ name }) => name),
  )
  expect(await post('tokens/revoke', { name: names[0] ?? '' })).toMatchObject({ status: 404 })
  expect(await get('session', headers)).toMatchObject({ said: { name: 'root' } })
})

test('an admin’s token that is for less makes none that is for more', async () => {
  const [some, all] = await withRecords(server, async (records) => [
    await addToken(records, { name: 'some', may: ['admin'] }),
    await addToken(records, { name: 'all', may: ['pull', 'push', 'delete', 'admin'] }),
  ])
  await vi.waitFor(async () => {
    expect(await get('audit', bearer(some ?? ''))).toMatchObject({ status: 200 })
  })
  expect(await get('tokens', bearer(some ?? ''))).toMatchObject({
    status: 403,
    said: { error: expect.stringContaining('token some may not change users and tokens') },
  })
  expect(await get('tokens', bearer(all ?? ''))).toMatchObject({ status: 200 })
})

test('what was done is in the audit, and no password, hash or secret anywhere', async () => {
  const secret = 'the-secret-of-dave'
  await post('users/add', { user: 'dave', password: secret })
  await post('users/add', { user: { name: secret }, password: secret })
  await post('users/password', { user: 'dave', password: `${secret}-2` })
  const { said: made } = await post('tokens/create', { name: 'daves', user: 'dave', may: ['pull'] })
  await post('tokens/revoke', { name: 'daves' })
  await post('users/remove', { user: 'dave' })
  await vi.waitFor(async () => {
    const { said } = await get('audit?who=root&since=1h&limit=5&result=ok')
    expect(
      said.records.map(({ what, subject, result }: Record<string, string>) => [
        what,
        subject,
        result,
      ]),
    ).toEqual([
      ['user-remove', 'dave', 'ok'],
      ['token-revoke', 'daves', 'ok'],
      ['token-create', 'daves', 'ok'],
      ['user-change', 'dave', 'ok'],
      ['user-add', 'dave', 'ok'],
    ])
    expect(said.records[2]).toMatchObject({ detail: 'for dave, may pull in **', from: '127.0.0.1' })
  }, 8_000)
  const answers = await Promise.all(
    ['users', 'tokens', 'audit?limit=500', 'configuration'].map((path) => get(path)),
  )
  const files = (await readdir(server.data)).filter((name) => /^(entrepot\.db|audit)/.test(name))
  const kept = await Promise.all(
    files.map((name) => readFile(join(server.data, name), 'latin1').catch(() => '')),
  )
  const everything = [JSON.stringify(answers), JSON.stringify(server.log), ...kept].join('\n')
  expect(everything).not.toContain(secret)
  expect(everything).not.toContain(made.token.split('_')[2])
  expect(everything).not.toContain('$2b$')
})
