import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { methodsOfKind } from '../../../src/http/write-requests.ts'
import { smallImage } from '../../support/image-builder.ts'
import { pushImage } from '../../support/push-image.ts'
import { ask } from '../../support/raw-client.ts'
import { type StartedServer, startServer } from '../../support/start-server.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'
import {
  addToken,
  addUsers,
  basic,
  bearer,
  endedToken,
  type Headers,
  passwords,
  rules,
  tokenFor,
  withRecords,
} from './callers.ts'
import { appRows, furtherRows, type Need, type Row, registryRows } from './routes.ts'

const pull = ['pull']
const push = [...pull, 'push']
const everything = [...push, 'delete', 'admin', 'all']

/** What each who is somebody may, beside what everybody may. */
const mayOf: Readonly<Record<string, readonly string[]>> = {
  alice: push,
  'a token of alice for pulling': pull,
  'a robot that may pull': pull,
  root: everything,
  'root by cookie, from our own page': everything,
  'the operator': everything,
}
/** Bring something that is not right, or not right any more. */
const wrong = [
  'a wrong password',
  'an unknown user',
  'half a header',
  'a token of /token that has ended',
  'a token signed by somebody else',
  'a token with no signature',
  'a revoked token',
  'a token that has ended',
] as const
const team = { type: 'repository', name: 'team/app', actions: ['pull', 'push', 'delete'] }

/** Who guesses too often is told to wait, whatever else is wrong. */
const refusals: ReadonlyMap<number, number> = new Map([
  [401, 401],
  [403, 403],
  [429, 401],
])

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

const findCallers = async (server: StartedServer): Promise<Record<string, Headers>> => {
  const [asAlice, asRoot] = [basic('alice', passwords.alice), basic('root', passwords.root)]
  const scope = 'repository:team/app:pull,push,delete&scope=registry:catalog:*'
  const alices = await tokenFor(server, scope, asAlice)
  const [head = '', claims = ''] = alices.split('.')
  const session = await ask(server, '/api/v1/session', {
    method: 'POST',
    body: JSON.stringify({ user: 'root', password: passwords.root }),
  })
  const cookie = String(session.headers['set-cookie']).split(';')[0] ?? ''
  const origin = `http://127.0.0.1:${server.port}`
  return withRecords(server, async (records) => {
    const revoked = await addToken(records, { name: 'revoked', may: ['pull'] })
    await records.removeToken('revoked')
    const identity = JSON.parse(Buffer.from(claims, 'base64url').toString()).sub
    return {
      nobody: {},
      'nobody with a token': bearer(await tokenFor(server, scope)),
      'an empty login': basic('', ''),
      alice: asAlice,
      'alice with a token': bearer(alices),
      'alice with a token for another repository': bearer(
        await tokenFor(server, 'repository:team/other:pull,push,delete', asAlice),
      ),
      'a token of alice for pulling': bearer(
        await addToken(records, {
          name: 'laptop',
          kind: 'personal',
          user: 'alice',
          may: ['pull'],
          repositories: ['team/**'],
        }),
      ),
      'a robot that may pull': basic(
        'whoever',
        await addToken(records, { name: 'ci', may: ['pull'], repositories: ['team/**'] }),
      ),
      root: asRoot,
      'root with a token': bearer(await tokenFor(server, scope, asRoot)),
      'root by cookie, from our own page': { cookie, origin },
      'root by cookie, from another page': { cookie, origin: 'http://evil.example' },
      'the operator': server.operator.headers,
      'a wrong password': basic('alice', 'looking-glass'),
      'an unknown user': basic('mallory', passwords.alice),
      'half a header': { authorization: 'Basic' },
      'a token of /token that has ended': bearer((await endedToken(records, identity, team)).token),
      'a token signed by somebody else': bearer(`${head}.${claims}.${'A'.repeat(43)}`),
      'a token with no signature': bearer(`${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`),
      'a revoked token': bearer(revoked),
      'a token that has ended': bearer(
        await addToken(records, { name: 'old', may: ['pull'], expiresAt: Date.now() - 1 }),
      ),
    }
  })
}

const registryNeeds: readonly Need[] = ['pull', 'push', 'delete', 'catalog', 'some token']
const isRegistry = ({ path }: Row) => path.startsWith('/v2/')

/** 401, 403, or undefined for whatever else is right. */
const refusalOf = (row: Row, caller: string, isOpen: boolean): number | undefined => {
  const { need, path } = row
  if (need === 'nothing') return undefined
  if (need === 'open pull') return isOpen ? undefined : 403
  if ((wrong as readonly string[]).includes(caller)) return 401
  // Browsers ask before they send another method there.
  const isElsewhere = caller === 'root by cookie, from another page'
  if (isElsewhere && isRegistry(row) && row.method === 'POST') return 403
  const isCookie = caller.startsWith('root by cookie')
  if (isCookie && !path.startsWith('/api')) return refusalOf(row, 'nobody', isOpen)
  if (isElsewhere) {
    return row.method === 'GET' ? refusalOf(row, 'root', isOpen) : 403
  }
  if (caller.endsWith('with a token')) {
    if (!isRegistry(row)) return 401
    if (need === 'some token') return undefined
    const refusal = refusalOf(row, caller.replace(' with a token', ''), isOpen)
    return refusal === undefined ? undefined : 403
  }
  if (caller.includes('for another repository'))
    return isRegistry(row) && need === 'some token' ? undefined : 401
  if (need === 'right login') return undefined
  const isNobody = caller === 'nobody' || caller === 'an empty login'
  if (need === 'some token') return isNobody ? 401 : undefined
  const isPublic = ['pull', 'catalog', 'reader', 'all'].includes(need)
  if (isOpen && isPublic) return undefined
  if (isNobody) return need === 'all' ? 403 : 401
  const isForAnybody = need === 'catalog' || need === 'reader'
  return isForAnybody || mayOf[caller]?.includes(need) ? undefined : 403
}

const ends = (row: Row) => row.method === 'DELETE' && row.path.endsWith('/session')
const all = [...Object.values(registryRows).flat(), ...Object.values(appRows), ...furtherRows]
const rows = [...all.filter((row) => !ends(row)), ...all.filter(ends)]

test('every route has a row', () => {
  const routes = createApp({} as never).routes.filter(
    ({ method, path }) => method !== 'ALL' && !path.includes('*'),
  )
  const found = new Set(routes.map(({ method, path }) => `${method} ${path}`))
  expect([...found].sort()).toEqual(Object.keys(appRows).sort())
  for (const [kind, methods] of Object.entries(methodsOfKind)) {
    const rowsOfKind = registryRows[kind as keyof typeof registryRows]
    const covered = new Set(rowsOfKind.map(({ method }) => method))
    expect([...covered].filter((method) => method !== 'POST').sort()).toEqual([...methods].sort())
  }
  expect(registryNeeds).toContain('some token')
})

describe.each([
  { anonymous: 'none', threads: 1 },
  { anonymous: 'pull', threads: 2 },
])('with anonymous: $anonymous and $threads threads', ({ anonymous, threads }) => {
  let directory: TemporaryDirectory
  let server: StartedServer
  let callers: Record<string, Headers>

  beforeAll(async () => {
    directory = await makeTemporaryDirectory()
    const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }
    const settings = { access: { anonymous, rules }, threads, upstreams, offline: true }
    server = await startServer(directory.path, settings)
    await addUsers(server)
    callers = await findCallers(server)
    await pushImage(server, 'team/app', {
      tag: '1',
      recipe: smallImage('app'),
      headers: callers.root,
    })
  })

  afterAll(async () => {
    await server.stop()
    await directory.remove()
  })

  test.each(rows)('$method $path wants $need', async (row) => {
    const { method, path, body = '' } = row
    const surprises: string[] = []
    for (const [caller, headers] of Object.entries(callers)) {
      const { status, body: said } = await ask(server, path, { method, headers, body })
      const found = refusals.get(status)
      const wanted = refusalOf(row, caller, anonymous === 'pull')
      if (found !== wanted) surprises.push(`${caller}: ${status}, wanted ${wanted}: ${said}`)
    }
    expect(surprises).toEqual([])
  })
})
