import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import SqliteDriver from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BudgetNews } from '../../../src/budget/any-budget.ts'
import { Budgets } from '../../../src/budget/budgets.ts'
import { dockerHub, type UpstreamName } from '../../../src/oci/upstream-name.ts'
import {
  openMetadataStore,
  type Records,
} from '../../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../../src/store/database/sqlite-database.ts'
import type { LedgerRow } from '../../../src/store/ledger-records.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const noon = Date.UTC(2026, 10, 22, 12)
const budget = { limit: 100, windowSeconds: 21_600, source: undefined, readAt: 0 }
const me = '192.0.2.7'

let directory: TemporaryDirectory
let records: Records
let budgets: Budgets
let news: BudgetNews[]
let told: string[]
let now: number

const open = () =>
  Budgets.open({
    records,
    ledger: records,
    now: () => now,
    onBudget: (each) => news.push(each),
    onError: (_error, what) => told.push(what),
  })

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  directory = await makeTemporaryDirectory()
  records = await openMetadataStore(openSqlite(join(directory.path, 'entrepot.db')))
  ;[news, told, now] = [[], [], noon]
  budgets = await open()
})
afterEach(async () => {
  await budgets.close()
  await records.close()
  await directory.remove()
  vi.useRealTimers()
})

const hear = (remaining: number, account = me, others: Partial<typeof budget> = {}) =>
  budgets.onBudget(dockerHub, account, { ...budget, ...others, remaining })

/** So much time passes. */
const pass = async (ms: number) => {
  now += ms
  await vi.advanceTimersByTimeAsync(ms)
  // What the timers began.
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

const listWritten = (account = me) =>
  records.listBudgets({ upstream: dockerHub, account, since: 0 })
const listAccounts = async (since = now - dayMs) =>
  (await budgets.describeBudget(since)).flatMap(({ accounts }) => accounts)

describe('what is heard', () => {
  test('is written a second after the first word, and then once a minute at most', async () => {
    hear(99)
    hear(98)
    await pass(1_000)
    expect(await listWritten()).toMatchObject([{ remaining: 98, lowest: 98, heardAt: noon }])
    hear(97)
    await pass(58_000)
    expect(await listWritten()).toMatchObject([{ remaining: 98 }])
    hear(96)
    await pass(2_000)
    expect(await listWritten()).toMatchObject([{ remaining: 96 }])
    await pass(hourMs)
    hear(95)
    await pass(1_000)
    expect(await listWritten()).toHaveLength(2)
  })

  test('has one row in five minutes, with the lowest number and the last one', async () => {
    for (const remaining of [50, 47, 49]) hear(remaining)
    await pass(4 * minuteMs)
    hear(48)
    await pass(4 * minuteMs)
    hear(46)
    await budgets.close()
    expect(await listWritten()).toMatchObject([
      { at: noon, heardAt: noon + 4 * minuteMs, remaining: 48, lowest: 47 },
      { at: noon + 5 * minuteMs, heardAt: noon + 8 * minuteMs, remaining: 46, lowest: 46 },
    ])
  })

  test('goes on in the slot where a restart was in between', async () => {
    hear(40)
    await budgets.close()
    budgets = await open()
    hear(41)
    await budgets.close()
    expect(await listWritten()).toMatchObject([{ remaining: 41, lowest: 40 }])
  })

  test('of another limit in the same slot has a lowest of its own', async () => {
    hear(5)
    hear(190, me, { limit: 200 })
    expect(await listAccounts()).toMatchObject([{ samples: [{ limit: 200, lowest: 190 }] }])
  })

  test('is known before it is written', async () => {
    hear(60)
    await pass(5 * minuteMs)
    hear(30)
    expect(await listAccounts()).toMatchObject([
      {
        account: me,
        limit: 100,
        remaining: 30,
        heardAt: now,
        forecast: { state: 'running-out', pullsPerHour: 120 },
        samples: [{ remaining: 60 }, { remaining: 30 }],
      },
    ])
  })

  test('waits where it cannot be written, which is told once', async () => {
    const driver = new SqliteDriver(join(directory.path, 'entrepot.db'))
    driver.exec('alter table budget_samples rename to elsewhere')
    hear(60)
    await pass(5 * minuteMs)
    hear(59)
    await pass(5 * minuteMs)
    expect(told).toHaveLength(1)
    driver.exec('alter table elsewhere rename to budget_samples')
    driver.close()
    await pass(minuteMs)
    expect(await listWritten()).toMatchObject([{ remaining: 60 }, { remaining: 59 }])
  })

  test('goes after a month', async () => {
    hear(60)
    await pass(10 * minuteMs)
    await pass(30 * dayMs)
    hear(50)
    await pass(minuteMs)
    expect(await listWritten()).toMatchObject([{ remaining: 50 }])
  })

  test('after a clock was set forward and back again counts from then on', async () => {
    hear(60)
    await pass(minuteMs)
    now += 10 * dayMs
    hear(59)
    await pass(minuteMs)
    now -= 10 * dayMs
    hear(58)
    await pass(minuteMs)
    expect(await listWritten()).toMatchObject([{ at: noon, remaining: 58 }])
    expect(await listAccounts()).toMatchObject([{ remaining: 58, forecast: { state: 'enough' } }])
  })
})

describe('accounts', () => {
  test('are told apart, and so are upstreams', async () => {
    hear(60)
    hear(190, 'alice', { limit: 200 })
    budgets.onBudget('registry.example' as UpstreamName, me, { ...budget, remaining: 1 })
    expect(await budgets.describeBudget(noon - dayMs)).toMatchObject([
      {
        upstream: dockerHub,
        accounts: [
          { account: me, remaining: 60 },
          { account: 'alice', remaining: 190 },
        ],
      },
      { upstream: 'registry.example', accounts: [{ account: me, remaining: 1 }] },
    ])
  })

  test('are twenty of an upstream, also after a restart; all further ones are one', async () => {
    for (let each = 0; each < 30; each++) hear(each, `account ${each}`)
    await budgets.close()
    budgets = await open()
    hear(77, 'one more')
    hear(78, 'account 3')
    const accounts = await listAccounts()
    expect(accounts).toHaveLength(20)
    expect(accounts.find(({ account }) => account === 'others')).toMatchObject({
      remaining: 77,
      forecast: undefined,
    })
    expect(accounts.find(({ account }) => account === 'account 3')).toMatchObject({
      remaining: 78,
    })
  })

  test('are 200 in all', async () => {
    for (let each = 0; each < 300; each++) {
      budgets.onBudget(`r${each}.example` as UpstreamName, me, { ...budget, remaining: 1 })
    }
    await budgets.close()
    expect(await records.listLastBudgets()).toHaveLength(200)
  })

  test('have names of a hundred characters at most', async () => {
    hear(5, 'x'.repeat(5_000))
    expect((await listAccounts())[0]?.account).toBe('x'.repeat(100))
  })

  test('that nobody heard of lately are not shown', async () => {
    hear(60)
    await pass(2 * dayMs)
    expect(await listAccounts()).toEqual([])
    expect(await listAccounts(now - 3 * dayMs)).toHaveLength(1)
  })
})

describe('a limit that runs short', () => {
  test('is told once, and again only after it lasted', async () => {
    hear(60)
    await pass(10 * minuteMs)
    hear(20)
    await pass(minuteMs)
    expect(news).toMatchObject([
      { upstream: dockerHub, account: me, limit: 100, remaining: 20, isShort: true },
    ])
    hear(0)
    await pass(minuteMs)
    expect(news).toHaveLength(1)
    await pass(7 * hourMs)
    hear(95)
    await pass(minuteMs)
    expect(news.slice(1)).toMatchObject([{ isShort: false, remaining: 95 }])
    hear(0)
    await pass(minuteMs)
    expect(news.slice(2)).toMatchObject([{ isShort: true, forecast: { state: 'used-up' } }])
  })

  test('that is used up at the first word is told within seconds', async () => {
    hear(0)
    await pass(1_000)
    expect(news).toMatchObject([{ isShort: true, forecast: { backBy: noon + 6 * hourMs } }])
  })

  test('is told of each account', async () => {
    hear(0)
    hear(0, 'alice')
    hear(100, 'bob')
    await pass(1_000)
    expect(news.map(({ account }) => account)).toEqual([me, 'alice'])
  })
})

describe('who uses a limit', () => {
  const row = {
    client: '10.0.0.1',
    user: '',
    upstream: dockerHub,
    repository: 'library/node',
    tag: '20',
    outcome: 'miss',
    at: noon,
    counters: { pulls: 9, upstreamPulls: 2 },
  } as const
  const use = async () => (await budgets.describeBudget(noon))[0]?.use

  test('is who made upstream count, since its window began', async () => {
    const others: readonly Partial<LedgerRow>[] = [
      { client: '10.0.0.2', tag: '', counters: { upstreamPulls: 5 } },
      { client: '', repository: 'library/alpine', counters: { upstreamPulls: 1 } },
      { at: noon - 7 * hourMs, counters: { upstreamPulls: 100 } },
      { upstream: 'ghcr.io', counters: { upstreamPulls: 100 } },
      { client: '10.0.0.3', outcome: 'hit', counters: { pulls: 100 } },
    ]
    const rows = [row, ...others.map((other) => ({ ...row, ...other }))]
    await records.addTraffic({ id: 1, rows })
    hear(92)
    expect(await use()).toEqual({
      since: noon - 6 * hourMs,
      clients: [
        { client: '10.0.0.2', pulls: 5 },
        { client: '10.0.0.1', pulls: 2 },
        { client: '', pulls: 1 },
      ],
      images: [
        { repository: 'library/node', tag: '', pulls: 5 },
        { repository: 'library/node', tag: '20', pulls: 2 },
        { repository: 'library/alpine', tag: '20', pulls: 1 },
      ],
    })
  })

  test('is asked for again where the ledger was busy, which is told', async () => {
    hear(98)
    const sums = Array.from({ length: 60 }, () =>
      records.sumTraffic({ since: noon, until: noon + 1, by: ['client'], where: {} }),
    )
    const others = Promise.allSettled(sums)
    await expect(use()).rejects.toMatchObject({ status: 429, retryAfterSeconds: 60 })
    await others
    expect(await use()).toMatchObject({ images: [] })
  })

  test('is asked of the ledger every ten seconds at most', async () => {
    hear(98)
    expect(await use()).toMatchObject({ images: [] })
    await records.addTraffic({ id: 1, rows: [row] })
    expect(await use()).toMatchObject({ images: [] })
    await pass(10_001)
    expect(await use()).toMatchObject({ images: [{ pulls: 2 }] })
  })
})

test('a month is shown in no more points than a day, with what was lowest', async () => {
  for (let slot = 0; slot < 2_000; slot++) {
    hear(slot === 1_000 ? 1 : 50)
    now += 5 * minuteMs
  }
  const [account] = await listAccounts(now - 30 * dayMs)
  expect(account?.samples.length).toBeLessThanOrEqual(288)
  expect(Math.min(...(account?.samples ?? []).map(({ lowest }) => lowest))).toBe(1)
})
