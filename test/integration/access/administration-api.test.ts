import { rename, writeFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { findOperator } from '../../support/operator.ts'
import { ask } from '../../support/raw-client.ts'
import { startEntrepot } from '../../support/start-entrepot.ts'
import { makeFolder } from '../../support/start-mirrored.ts'
import { basic, passwords } from './callers.ts'
import { startWithUsers } from './start-with-users.ts'

type Setting = { readonly name: string } & Readonly<Record<string, unknown>>

test('the configuration in force says where each value came from, and what waits', async () => {
  const upstreams = {
    'docker.io': { url: 'http://127.0.0.1:9', username: 'bob', password: 'hunter2-of-bob' },
  }
  const webhooks = [{ url: 'https://hooks.example/T0/secret-path?x=y', secret: 'hunter2-of-hook' }]
  const settings = { upstreams, webhooks, threads: 1 }
  const server = await startEntrepot(await makeFolder(), settings)
  const { headers } = await findOperator(server.data)
  const read = async () => {
    const { status, body } = await ask(server, '/api/v1/configuration', { headers })
    expect(status).toBe(200)
    expect(body.toString()).not.toMatch(/hunter2|secret-path/)
    return JSON.parse(body.toString())
  }
  const change = async (changed: object) => {
    const listen = `127.0.0.1:${server.port}`
    const all = { listen, data: server.data, ...settings, ...changed }
    await writeFile(`${server.configFile}.new`, stringify(all))
    await rename(`${server.configFile}.new`, server.configFile)
  }
  const first = await read()
  const find = ({ settings }: { settings: Setting[] }, name: string) =>
    settings.find((setting) => setting.name === name)
  expect(first).toMatchObject({ file: server.configFile, waiting: [] })
  expect(find(first, 'listen')).toMatchObject({ origin: 'file', line: 1 })
  expect(find(first, 'upstreams["docker.io"].password')).toEqual({
    name: 'upstreams["docker.io"].password',
    value: 'set',
    secret: true,
    origin: 'file',
    line: 7,
  })
  expect(find(first, 'upstreams["docker.io"].tagTtl')).toMatchObject({
    value: '5m',
    origin: 'default',
  })
  expect(find(first, 'webhooks[0].url')).toMatchObject({ value: 'https://hooks.example/…' })

  await change({ threads: 2, offline: true })
  await vi.waitFor(async () => {
    const changed = await read()
    expect(changed.waiting).toEqual(['threads'])
    expect(find(changed, 'threads')).toMatchObject({ value: '1', afterRestart: '2' })
    expect(find(changed, 'offline')).toMatchObject({ value: 'true', origin: 'file' })
  }, 10_000)

  await change({ offline: 'perhaps', upstreams: { 'docker.io': { password: 'hunter2' } } })
  await vi.waitFor(async () => {
    const { refused, ...inForce } = await read()
    expect(refused).toMatchObject({
      at: expect.stringMatching(/^\d{4}-/),
      problems: expect.arrayContaining([
        { path: 'offline', found: 'perhaps', wanted: 'true or false' },
      ]),
    })
    expect(find(inForce as never, 'offline')).toMatchObject({ value: 'true' })
  }, 10_000)
  await change({ offline: true })
  await vi.waitFor(async () => expect((await read()).refused).toBeUndefined(), 10_000)
  await server.stop()
})

test('who may what is told by rule, for a user, a token and everybody', async () => {
  const server = await startWithUsers()
  const headers = basic('root', passwords.root)
  const get = async (path: string) => {
    const { status, body } = await ask(server, `/api/v1/${path}`, { headers })
    return { status, said: JSON.parse(body.toString()) }
  }
  const attempt = (user: string, action: string, repository: string) =>
    get(`access/try?${new URLSearchParams({ user, action, repository })}`)

  expect((await get('access')).said).toEqual({
    anonymous: 'none',
    groups: {},
    rules: [
      { who: 'alice', repositories: ['team/**'], may: ['pull', 'push'] },
      { who: 'root', repositories: ['**'], may: ['pull', 'push', 'delete', 'admin'] },
    ],
    unruled: false,
    privateUpstreams: [],
  })
  expect((await attempt('alice', 'push', 'team/app')).said).toEqual({
    user: 'alice',
    action: 'push',
    answers: [
      {
        repository: 'team/app',
        allowed: true,
        because: 'the rule for alice with team/** allows it',
      },
    ],
  })
  expect((await attempt('alice', 'pull', 'other')).said.answers).toMatchObject([
    { repository: 'other', allowed: false },
    { repository: 'docker.io/library/other', allowed: false },
  ])
  expect((await attempt('anonymous', 'pull', 'team/app')).said.answers).toMatchObject([
    { allowed: false },
    { allowed: false },
  ])
  expect((await attempt('<b>', 'admin', '**')).said).toMatchObject({
    answers: [{ allowed: false }],
    note: expect.stringContaining('there is no user or token "<b>"'),
  })
  expect((await attempt('root', 'admin', '**')).said.answers).toMatchObject([{ allowed: true }])
  expect(await attempt('alice', 'fly', 'team/app')).toMatchObject({ status: 400 })
  expect(await attempt('alice', 'pull', '')).toMatchObject({ status: 400 })
  expect(await attempt('alice', 'pull', '../x')).toMatchObject({ status: 400 })
})

test('the audit is asked for in pages and by what is sought', async () => {
  const server = await startWithUsers()
  const headers = basic('root', passwords.root)
  const get = async (query: string) => {
    const { status, body } = await ask(server, `/api/v1/audit${query}`, { headers })
    return { status, said: JSON.parse(body.toString()) }
  }
  for (const image of ['docker.io/library/node:1', 'docker.io/library/node:2', 'quay.io/a/b:1'])
    await ask(server, '/api/v1/pin', { method: 'POST', headers, body: JSON.stringify({ image }) })
  await vi.waitFor(async () => {
    const { said } = await get('?what=pin&limit=2')
    expect(said.records.map(({ subject }: { subject: string }) => subject)).toEqual([
      'quay.io/a/b:1',
      'docker.io/library/node:2',
    ])
    const older = await get(`?what=pin&limit=2&before=${said.next}`)
    expect(older.said).toMatchObject({ records: [{ subject: 'docker.io/library/node:1' }] })
    expect(older.said.next).toBeUndefined()
  }, 5_000)
  const about = await get('?repository=docker.io/library/node')
  expect(about.said.records).toHaveLength(2)
  expect((await get('?who=nobody')).said).toEqual({ records: [] })
  for (const [query, says] of [
    ['?whom=root', 'the audit takes no "whom"'],
    ['?since=tomorrow', 'since="tomorrow": wanted how long ago'],
    ['?what=flying', 'what="flying": wanted one of login'],
    ['?limit=0', 'limit="0"'],
  ])
    expect(await get(query ?? '')).toMatchObject({
      status: 400,
      said: { error: expect.stringContaining(says ?? '') },
    })
})
