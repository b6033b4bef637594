import { expect, test, vi } from 'vitest'
import type { RepositoriesAnswer, RepositoryDetailAnswer } from '../../src/answers/repositories.ts'
import { smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { ask, type RawRequest } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'
import { addUsers, basic, passwords, rules } from './access/callers.ts'

const askFor = async <Answer>(server: StartedServer, path: string, request: RawRequest = {}) => {
  const { status, body } = await ask(server, `/api/v1/${path}`, request)
  expect(status, body.toString()).toBe(200)
  return JSON.parse(body.toString()) as Answer
}
const list = (server: StartedServer, query = '', request: RawRequest = {}) =>
  askFor<RepositoriesAnswer>(server, `repositories${query}`, request)
const namesOf = ({ repositories }: RepositoriesAnswer) => repositories.map(({ name }) => name)

const alpine = 'docker.io/library/alpine'

/** Pushed one after the other, with an hour between: the first has most tags, the second is the largest. */
const pushed = [
  { repository: 'team/many', tags: ['1.0', '1.1', '2.0'], bytes: 1_000 },
  { repository: 'team/large', tags: ['1.0'], bytes: 300_000 },
  { repository: 'web/last', tags: ['edge'], bytes: 20_000 },
]

/** What was pushed, and one mirrored image. */
const startWithFour = async () => {
  const access = { anonymous: 'push' }
  const mirrored = await startMirrored({ prefetch: false }, { access })
  const { server, upstream, clock } = mirrored
  for (const { repository, tags, bytes } of pushed) {
    clock.advance(3_600_000)
    for (const tag of tags) {
      const to = { url: `http://127.0.0.1:${server.port}`, repository }
      await pushImage(to, tag, { seed: repository + tag, layerSizes: [bytes] })
    }
  }
  clock.advance(3_600_000)
  await upstream.repository('library/alpine').addImage('3.20', smallImage('c'))
  expect((await ask(server, '/v2/library/alpine/manifests/3.20')).status).toBe(200)
  return mirrored
}

test('repositories come in any order, either way', async () => {
  const { server } = await startWithFour()
  const [many, large, last] = pushed.map(({ repository }) => repository)
  for (const [sort, wanted] of [
    ['name', [alpine, large, many, last]],
    ['-name', [last, many, large, alpine]],
    ['-tags', [many, alpine, large, last]],
    ['-size', [large, last, many, alpine]],
    ['own', [alpine, many, last, large]],
    ['-pulled', [alpine, large, many, last]],
    ['-stored', [alpine, last, large, many]],
  ] as const) {
    const found = await list(server, `?sort=${sort}`)
    expect(namesOf(found), sort).toEqual(wanted)
    expect(found.total).toBe(4)
  }
})

test('a list goes on by offset, and by name', async () => {
  const { server } = await startWithFour()
  const all = namesOf(await list(server))
  const page = await list(server, '?sort=-name&offset=1&limit=2')
  expect(page).toMatchObject({ total: 4 })
  expect(page).not.toHaveProperty('next')
  expect(namesOf(page)).toEqual(all.toReversed().slice(1, 3))
  const first = await list(server, '?limit=3')
  expect(first).toMatchObject({ total: 4, next: all[2] })
  const rest = await list(server, `?limit=3&after=${first.next}`)
  expect(rest).not.toHaveProperty('next')
  expect(namesOf(rest)).toEqual(all.slice(3))
  expect(await list(server, '?offset=1000')).toEqual({ repositories: [], total: 4 })
})

const filters = [
  { query: '?search=team', wanted: ['team/large', 'team/many'] },
  { query: '?search=TEAM/L', wanted: ['team/large'] },
  { query: '?search=many:1', wanted: ['team/many'] },
  { query: '?search=:1.0', wanted: ['team/large', 'team/many'] },
  { query: '?search=:3', wanted: [alpine] },
  { query: '?search=sha256:', wanted: [alpine, 'team/large', 'team/many', 'web/last'] },
  { query: '?search=%25', wanted: [] },
  { query: '?source=hosted', wanted: ['team/large', 'team/many', 'web/last'] },
  { query: '?source=docker.io', wanted: [alpine] },
  { query: '?source=quay.io', wanted: [] },
  { query: '?larger=100000', wanted: ['team/large'] },
  { query: '?source=hosted&search=last', wanted: ['web/last'] },
  { query: '?idle=7', wanted: ['team/large', 'team/many', 'web/last'] },
]

test('a list is searched and filtered, and counted as it is then', async () => {
  const { server } = await startWithFour()
  for (const { query, wanted } of filters) {
    const found = await list(server, query)
    expect(namesOf(found), query).toEqual(wanted)
    expect(found.total, query).toBe(wanted.length)
  }
})

const refused = [
  'sort=color',
  'sort=--name',
  'offset=-1',
  'offset=1e3',
  'idle=0',
  'larger=x',
  'source=Not%20a%20host',
  `search=${'a'.repeat(201)}`,
]

test('what is no query is refused, with what is wanted instead', async () => {
  const { server } = await startMirrored()
  for (const query of refused) {
    const { status, body } = await ask(server, `/api/v1/repositories?${query}`)
    expect(status, query).toBe(400)
    expect(JSON.parse(body.toString()).error).toContain('wanted')
  }
})

test('nobody hears of what they may not pull: not by name, count, tag nor digest', async () => {
  const { server, settings } = await startWithFour()
  await server.configure({ ...settings, access: { anonymous: 'none', rules } })
  await addUsers(server)
  const asAlice = { headers: basic('alice', passwords.alice) }
  const found = await list(server, '?sort=-size', asAlice)
  expect(found.total).toBe(2)
  expect(namesOf(found)).toEqual(['team/large', 'team/many'])
  for (const query of ['?search=web', '?search=:edge', '?source=docker.io', '?search=alpine']) {
    expect(await list(server, query, asAlice)).toEqual({ repositories: [], total: 0 })
  }
  expect((await list(server, '?search=sha256:', asAlice)).total).toBe(2)
  expect(await list(server)).toEqual({ repositories: [], total: 0 })
  const asRoot = { headers: basic('root', passwords.root) }
  expect((await list(server, '', asRoot)).total).toBe(4)
  const { status } = await ask(server, '/api/v1/repository?name=web/last', asAlice)
  expect(status).toBe(403)
})

test('what is pushed or removed is in the next list', async () => {
  const { server } = await startWithFour()
  expect((await list(server)).total).toBe(4)
  const to = { url: `http://127.0.0.1:${server.port}`, repository: 'team/new' }
  await pushImage(to, '1', smallImage('new'))
  expect(namesOf(await list(server))).toContain('team/new')
  const path = '/api/v1/remove'
  expect((await server.post(path, { repository: 'team/new' })).status).toBe(200)
  expect(namesOf(await list(server))).not.toContain('team/new')
})

test('a repository’s page has what the list has, and its pulls of each day', async () => {
  const { server } = await startWithFour()
  for (const _ of [1, 2]) await ask(server, '/v2/team/large/manifests/1.0')
  const path = 'repository?name=team/large'
  const found = await vi.waitFor(async () => {
    const answer = await askFor<RepositoryDetailAnswer>(server, path)
    expect(answer.pulls).toBe(2)
    return answer
  }, 20_000)
  expect(found).toMatchObject({ name: 'team/large', hosted: true, tags: 1 })
  expect(found.pullsByDay).toHaveLength(30)
  expect(found.pullsByDay.reduce((sum, pulls) => sum + pulls, 0)).toBe(2)
  expect(found.ownSize).toBe(found.size)
  const mirrored = await askFor<RepositoryDetailAnswer>(server, `repository?name=${alpine}`)
  expect(mirrored).toMatchObject({ name: alpine, hosted: false })
  const unknown = await ask(server, '/api/v1/repository?name=team/none')
  expect(unknown.status).toBe(404)
})
