import { setImmediate } from 'node:timers/promises'
import type { BudgetRecords, BudgetSample } from '../store/budget-records.ts'
import type { LedgerRecords } from '../store/ledger-records.ts'
import type { Surroundings } from '../upstream/upstream-settings.ts'
import { Accounts, keyOf, otherAccounts, slotMs } from './accounts.ts'
import type { AccountBudget, AnyBudget, BudgetNews, UpstreamBudget } from './any-budget.ts'
import { toChart } from './chart.ts'
import { forecast, isShort, lookBackMs } from './forecast.ts'
import { Samples } from './samples.ts'
import { Users } from './users.ts'

type Settings = {
  readonly records: BudgetRecords
  readonly ledger: Pick<LedgerRecords, 'sumTraffic'>
  readonly now: () => number
  /** Hears once that an account's limit runs short, and once that it lasts again. */
  readonly onBudget: (news: BudgetNews) => void
  readonly onError: (error: unknown, what: string) => void
}

/** After the first word: an image has several manifests. */
const firstAfterMs = 1_000
const writeEveryMs = 60_000
const trimEveryMs = 3_600_000
const keptMs = 30 * 86_400_000
/** 130 bytes each with their places in the indexes: 26 MB. One account has 8,640. */
const most = 200_000

/**
 * Gathers what upstreams say of their limits, and writes it once a minute at most. A killed server loses the
 * last minute.
 */
export class Budgets implements AnyBudget {
  readonly #settings: Settings
  readonly #accounts: Accounts
  readonly #samples: Samples
  readonly #users: Users
  /** Keys of accounts that run short. */
  readonly #short = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #wroteAt = Number.NEGATIVE_INFINITY
  #trimmedAt = Number.NEGATIVE_INFINITY
  #isFailing = false
  #isClosed = false

  private constructor(settings: Settings, known: readonly BudgetSample[]) {
    this.#settings = settings
    this.#accounts = new Accounts(known)
    this.#samples = new Samples(settings.records)
    this.#users = new Users(settings)
  }

  static async open(settings: Settings): Promise<Budgets> {
    return new Budgets(settings, await settings.records.listLastBudgets())
  }

  /** For upstreams to tell. */
  readonly onBudget: Surroundings['onBudget'] = (upstream, account, budget) => {
    const { limit, remaining, windowSeconds } = budget
    const heard = { upstream, account, limit, remaining, windowSeconds }
    const sample = this.#accounts.note(heard, this.#settings.now())
    if (sample === undefined) return
    this.#samples.add(sample)
    this.#arm()
  }

  async describeBudget(since: number): Promise<readonly UpstreamBudget[]> {
    const now = this.#settings.now()
    const recent = this.#accounts.last.filter(({ heardAt, windowSeconds }) => {
      return heardAt >= Math.min(since, now - windowSeconds * 1000)
    })
    const byUpstream = Map.groupBy(recent.sort(byName), ({ upstream }) => upstream)
    const found: UpstreamBudget[] = []
    for (const [upstream, last] of byUpstream) {
      const accounts: AccountBudget[] = []
      for (const each of last) {
        accounts.push(await this.#describe(each, since))
        // A month of one takes some milliseconds.
        await setImmediate()
      }
      const windowsMs = last.map(({ windowSeconds }) => windowSeconds * 1000)
      const from = now - Math.min(keptMs, Math.max(...windowsMs))
      found.push({ upstream, accounts, use: await this.#users.find(upstream, from) })
    }
    return found
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#writing
    await this.#write()
  }

  async #describe(last: BudgetSample, since: number): Promise<AccountBudget> {
    const { account, limit, remaining, windowSeconds, heardAt } = last
    const now = this.#settings.now()
    const all = await this.#listRecent(last, since)
    const samples = toChart(all, { since, now })
    const found = account === otherAccounts ? undefined : forecast(all, now)
    return { account, limit, remaining, windowSeconds, heardAt, forecast: found, samples }
  }

  /** Since then, and all that a forecast goes by. */
  #listRecent(last: BudgetSample, since = Number.POSITIVE_INFINITY) {
    const { upstream, account } = last
    const from = Math.min(since, this.#settings.now() - lookBackMs(last))
    // A slot is known by its beginning.
    return this.#samples.list({ upstream, account, since: from - slotMs })
  }

  #arm(): void {
    if (this.#isClosed || this.#timer !== undefined) return
    const sinceLastMs = performance.now() - this.#wroteAt
    const afterMs = Math.max(firstAfterMs, writeEveryMs - sinceLastMs)
    this.#timer = setTimeout(() => this.#begin(), afterMs).unref()
  }

  #begin(): void {
    this.#writing = this.#write().then(() => {
      this.#timer = undefined
      if (!this.#samples.isEmpty) this.#arm()
    })
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    this.#wroteAt = performance.now()
    try {
      await this.#judge(await this.#samples.write())
      this.#isFailing = false
      await this.#trim()
    } catch (error) {
      const what =
        "what upstreams say of their limits can't be written; it waits, and is tried again"
      if (!this.#isFailing) this.#settings.onError(error, what)
      this.#isFailing = true
    }
  }

  async #judge(written: readonly BudgetSample[]): Promise<void> {
    const last = new Map(written.map((sample) => [keyOf(sample), sample]))
    for (const [key, sample] of last) {
      const { upstream, account, limit, remaining } = sample
      if (account === otherAccounts) continue
      const now = this.#settings.now()
      const found = forecast(await this.#listRecent(sample), now)
      const wasShort = this.#short.has(key)
      const isShortNow = isShort(wasShort, found, now)
      if (found === undefined || isShortNow === wasShort) continue
      if (isShortNow) this.#short.add(key)
      else this.#short.delete(key)
      const facts = { upstream, account, limit, remaining }
      this.#settings.onBudget({ ...facts, isShort: isShortNow, forecast: found })
    }
  }

  async #trim(): Promise<void> {
    if (performance.now() - this.#trimmedAt < trimEveryMs) return
    this.#trimmedAt = performance.now()
    const before = this.#settings.now() - keptMs
    this.#accounts.forgetBefore(before)
    const known = new Set(this.#accounts.last.map(keyOf))
    for (const key of this.#short) if (!known.has(key)) this.#short.delete(key)
    await this.#settings.records.trimBudgets({ before, most })
  }
}

function byName(one: BudgetSample, other: BudgetSample): number {
  return keyOf(one) < keyOf(other) ? -1 : 1
}
