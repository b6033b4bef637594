import { expect, test, vi } from 'vitest'
import type { LedgerRow } from '../../src/store/ledger-records.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { operate } from '../support/run-command.ts'
import { type RateLimit, rateLimitHeaders } from '../support/scripted-behaviour.ts'
import type { ScriptedUpstream } from '../support/scripted-upstream.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import type { Settings, StartedServer } from '../support/start-server.ts'
import { addUsers, basic, type Headers, passwords, rules } from './access/callers.ts'

// Docker Hub says with each manifest how many pulls are left; a GET of one counts, and a HEAD is free.

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const slotMs = 5 * minuteMs
const source = '192.0.2.7'

const pull = (server: StartedServer, tag: string | number) =>
  ask(server, `/v2/team/app/manifests/${tag}`)

/** Counts as Docker Hub does, but nothing ever comes back; with so many images to pull. */
const limit = async (upstream: ScriptedUpstream, others: Partial<RateLimit> = {}, images = 12) => {
  const repository = upstream.repository('team/app')
  for (let tag = 1; tag <= images; tag++) await repository.addImage(`${tag}`, smallImage(`${tag}`))
  let remaining = others.remaining ?? 100
  upstream.script(/manifests/, (usual, request) => {
    if (request.method === 'GET' && remaining > 0) remaining--
    const said = { limit: 100, windowSeconds: 21_600, source, ...others, remaining }
    return rateLimitHeaders(said)(usual, request)
  })
}

const startLimited = async (others: Partial<RateLimit> = {}, settings: Settings = {}) => {
  const mirrored = await startMirrored({}, settings)
  await limit(mirrored.upstream, others)
  return mirrored
}

const readBudget = async (server: StartedServer, headers: Headers = {}, query = '') => {
  const { status, body } = await ask(server, `/api/v1/budget${query}`, { headers })
  expect(status, body.toString()).toBe(200)
  return JSON.parse(body.toString()).upstreams
}

const readAccounts = async (...asked: Parameters<typeof readBudget>) =>
  (await readBudget(...asked)).flatMap(({ accounts }: { accounts: object[] }) => accounts)

/** As the server counts by itself. */
const addToLedger = async (data: string, rows: readonly LedgerRow[]) => {
  const ignore = () => {}
  const callbacks = { onError: ignore, onFault: ignore, onRecovered: ignore }
  const stores = await openStores(data, callbacks, { isGuest: true })
  await stores.ledger.addTraffic({ id: 1_000_000, rows })
  await stores.close()
}

test('what upstream says of its limit is kept over time, also over a restart, and forecast', async () => {
  const { server, clock, restart } = await startLimited({ remaining: 40 })
  // So that what is heard within a moment is in one slot.
  clock.advance(slotMs - (clock.now() % slotMs))
  await pull(server, 1)
  clock.advance(15 * minuteMs)
  for (const tag of [2, 3, 4, 5, 6]) await pull(server, tag)

  const [before] = await readAccounts(server)
  expect(before).toMatchObject({
    account: source,
    limit: 100,
    remaining: 34,
    windowSeconds: 21_600,
    forecast: { state: 'running-out' },
    samples: [
      { limit: 100, remaining: 39, lowest: 39 },
      { limit: 100, remaining: 34, lowest: 34 },
    ],
  })
  // 5 in a quarter of an hour: 34 last for another 102 minutes.
  expect(before.forecast.pullsPerHour).toBeCloseTo(20, 0)
  const endsAfterMs = Date.parse(before.forecast.usedUpAt) - clock.now()
  expect(Math.abs(endsAfterMs - 102 * minuteMs)).toBeLessThan(3 * minuteMs)

  const again = await restart()
  clock.advance(10 * minuteMs)
  await pull(again, 7)
  const [{ accounts, users }] = await readBudget(again)
  const [after] = accounts
  expect(after).toMatchObject({ remaining: 33, samples: [...before.samples, { remaining: 33 }] })
  // What was pulled before the restart is in the ledger.
  expect(users.clients).toEqual([{ client: '127.0.0.1', pulls: 6 }])
  expect(users.images).toHaveLength(6)
  expect(users.images).toContainEqual({ image: 'docker.io/team/app:3', pulls: 1 })
  expect((await readAccounts(again, {}, '?since=12m'))[0].samples).toMatchObject([
    { remaining: 34 },
    { remaining: 33 },
  ])
})

test('an account is whom upstream names, or else our login, or else this address', async () => {
  const { upstream, server, configure } = await startBare()
  const hear = async (tag: number) => {
    await pull(server, tag)
    return (await readAccounts(server)).map(({ account }: { account: string }) => account)
  }
  expect(await hear(1)).toEqual(['this address'])
  await configure({ username: 'alice', password: 'secret' })
  expect(await hear(2)).toEqual(['alice', 'this address'])
  upstream.script(/manifests/, (usual) => {
    return { ...usual, headers: { ...usual.headers, 'docker-ratelimit-source': source } }
  })
  expect(await hear(3)).toEqual([source, 'alice', 'this address'])
})

const startBare = async () => {
  const { upstream, server } = await startMirrored()
  await limit(upstream)
  upstream.script(/manifests/, (usual) => {
    const { 'docker-ratelimit-source': _, ...headers } = usual.headers
    return { ...usual, headers }
  })
  const configure = (login: Settings) =>
    server.configure({ upstreams: { 'docker.io': { url: upstream.url, ...login } } })
  return { upstream, server, configure }
}

test('a limit that is used up is logged once', async () => {
  const { server, clock, restart } = await startLimited({ remaining: 2 })
  const linesOf = ({ log }: StartedServer) =>
    log.filter(({ msg }) => String(msg).includes("docker.io's limit of 100 pulls"))
  await pull(server, 1)
  await pull(server, 2)
  await vi.waitFor(() => expect(linesOf(server)).toHaveLength(1), 5_000)
  const [line] = linesOf(server)
  expect(line).toMatchObject({ level: 40, upstream: 'docker.io', account: source, remaining: 0 })
  expect(line?.msg).toContain(`${source} is used up until `)
  await pull(server, 3)
  await server.stop()
  expect(linesOf(server)).toHaveLength(1)

  const again = await restart()
  clock.advance(7 * hourMs)
  expect(await readAccounts(again)).toMatchObject([{ forecast: { state: 'enough' } }])
})

test('every thread tells the same', async () => {
  const { server } = await startLimited({}, { threads: 2 })
  await vi.waitFor(() => {
    expect(server.log.some(({ msg }) => msg === 'a serving thread listens')).toBe(true)
  }, 10_000)
  await Promise.all([1, 2, 3, 4].map((tag) => pull(server, tag)))
  const answers = await Promise.all(Array.from({ length: 16 }, () => readAccounts(server)))
  for (const answer of answers) expect(answer).toMatchObject([{ remaining: 96 }])
})

test('whose it is and who uses it is shown to who may pull all, and images to who may pull them', async () => {
  const access = { anonymous: 'pull', rules }
  const { server, clock } = await startLimited({}, { access })
  await pull(server, 1)
  const row = { user: '', tag: '20', outcome: 'miss', at: clock.now() } as const
  const used = (client: string, repository: string, upstreamPulls: number): LedgerRow => {
    return { ...row, client, upstream: 'docker.io', repository, counters: { upstreamPulls } }
  }
  const many = Array.from({ length: 20 }, (_, each) => used(`10.1.0.${each}`, `many/${each}`, 2))
  await addToLedger(server.data, [used('10.0.0.1', 'library/node', 9), used('', 'a/b', 5), ...many])

  const [{ users: everybody }] = await readBudget(server)
  expect(everybody).toMatchObject({
    clients: [{ client: '10.0.0.1', pulls: 9 }, { client: 'server', pulls: 5 }, ...tenLess(2)],
    images: [
      { image: 'docker.io/library/node:20', pulls: 9 },
      { image: 'docker.io/a/b:20', pulls: 5 },
      ...tenLess(2),
    ],
  })
  expect([everybody.clients.length, everybody.images.length]).toEqual([10, 10])

  await addUsers(server)
  const [{ accounts, users: strangers }] = await readBudget(server)
  expect(accounts).toMatchObject([{ account: 'account 1', remaining: 99 }])
  const upstreams = (await ask(server, '/api/v1/upstreams')).body.toString()
  expect([upstreams.includes('"remaining":99'), upstreams.includes(source)]).toEqual([true, false])
  expect(strangers.clients).toBeUndefined()
  expect(strangers.images).toEqual(everybody.images)
  const [{ accounts: named, users: alices }] = await readBudget(
    server,
    basic('alice', passwords.alice),
  )
  expect(named).toMatchObject([{ account: source }])
  expect(alices).toEqual(everybody)

  const closed = { access: { anonymous: 'none', rules } }
  await server.configure(closed)
  const [{ accounts: unnamed, users: hers }] = await readBudget(
    server,
    basic('alice', passwords.alice),
  )
  expect(hers).toEqual({ since: everybody.since, images: [] })
  expect(unnamed).toMatchObject([{ account: 'account 1' }])
})

const tenLess = (count: number) =>
  Array.from({ length: 10 - count }, () => expect.objectContaining({ pulls: 2 }))

test('a time that cannot be read is refused with what is wanted', async () => {
  const { server } = await startMirrored()
  for (const since of ['yesterday', '31d', '0s', '-1h', '']) {
    const { status, body } = await ask(server, `/api/v1/budget?since=${since}`)
    expect([since, status]).toEqual([since, 400])
    expect(body.toString()).toContain('such as 24h')
  }
})

test('the command tells it in words, or as the server does', async () => {
  const { server, clock } = await startLimited({ remaining: 21 })
  const nothing = await operate(server, 'budget')
  expect(nothing).toMatchObject({ code: 0, stderr: '' })
  expect(nothing.stdout).toContain('pull one of its images through this')

  for (const tag of [1, 2, 3, 4, 5, 6]) await pull(server, tag)
  await addToLedger(server.data, [
    {
      client: '10.0.0.9',
      user: '',
      upstream: 'docker.io',
      repository: 'library/node',
      tag: '20',
      outcome: 'miss',
      at: clock.now(),
      counters: { upstreamPulls: 6 },
    },
  ])
  const [words, json] = await Promise.all([
    operate(server, 'budget'),
    operate(server, 'budget', '--json'),
  ])
  expect(words).toMatchObject({ code: 0, stderr: '' })
  expect(words.stdout).toMatch(
    /^docker\.io\n {2}ACCOUNT .*\n {2}192\.0\.2\.7 +15 of 100 +6 h +just now +/,
  )
  expect(words.stdout).toMatch(/10\.0\.0\.9 +6\n/)
  expect(words.stdout).toMatch(/docker\.io\/library\/node:20 +6\n/)
  expect(words.stdout).not.toContain('·')
  const [{ name, accounts }] = JSON.parse(json.stdout).upstreams
  expect([name, accounts]).toEqual(['docker.io', await readAccounts(server)])
})
