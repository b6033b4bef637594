import type { Selectable, Transaction } from 'kysely'
import type { BudgetBounds, BudgetQuery, BudgetRecords, BudgetSample } from '../budget-records.ts'
import type { Database } from './database.ts'
import { removeInPages } from './remove-in-pages.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 500

export class DatabaseBudgetRecords implements BudgetRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** What is lost with the power, the next minutes tell again. */
  async recordBudgets(samples: readonly BudgetSample[]): Promise<void> {
    await this.#database.queries.transaction().execute(async (transaction) => {
      for (const sample of samples) await record(transaction, sample)
    })
  }

  async listBudgets({ upstream, account, since }: BudgetQuery): Promise<readonly BudgetSample[]> {
    const rows = await this.#database.queries
      .selectFrom('budget_samples')
      .selectAll()
      .where('upstream', '=', upstream)
      .where('account', '=', account)
      .where('at', '>=', since)
      .orderBy('at')
      .execute()
    return rows.map(toSample)
  }

  async listLastBudgets(): Promise<readonly BudgetSample[]> {
    const { queries } = this.#database
    const last = queries
      .selectFrom('budget_samples')
      .select((row) => ['upstream', 'account', row.fn.max('at').as('at')])
      .groupBy(['upstream', 'account'])
    const rows = await queries
      .selectFrom('budget_samples')
      .innerJoin(last.as('last'), (join) =>
        join
          .onRef('last.upstream', '=', 'budget_samples.upstream')
          .onRef('last.account', '=', 'budget_samples.account')
          .onRef('last.at', '=', 'budget_samples.at'),
      )
      .selectAll('budget_samples')
      .orderBy('budget_samples.upstream')
      .orderBy('budget_samples.account')
      .execute()
    return rows.map(toSample)
  }

  async trimBudgets({ before, most }: BudgetBounds): Promise<number> {
    const beyond = await this.#findBeyond(most)
    const first = Math.max(before, beyond === undefined ? before : beyond + 1)
    return removeInPages(removedAtOnce, (limit) => this.#removeBefore(first, limit))
  }

  /** When the newest slot began that is too much. */
  async #findBeyond(most: number): Promise<number | undefined> {
    const row = await this.#database.queries
      .selectFrom('budget_samples')
      .select('at')
      .orderBy('at', 'desc')
      .limit(1)
      .offset(most)
      .executeTakeFirst()
    return row?.at
  }

  async #removeBefore(first: number, limit: number): Promise<number> {
    const { queries } = this.#database
    const oldest = await queries
      .selectFrom('budget_samples')
      .select(['upstream', 'account', 'at'])
      .where('at', '<', first)
      .orderBy('at')
      .limit(limit)
      .execute()
    await queries.transaction().execute(async (transaction) => {
      for (const { upstream, account, at } of oldest) {
        await transaction
          .deleteFrom('budget_samples')
          .where('upstream', '=', upstream)
          .where('account', '=', account)
          .where('at', '=', at)
          .execute()
      }
    })
    return oldest.length
  }
}

async function record(transaction: Transaction<Schema>, sample: BudgetSample): Promise<void> {
  const { upstream, account, at } = sample
  await transaction
    .deleteFrom('budget_samples')
    .where('upstream', '=', upstream)
    .where('account', '=', account)
    .where('at', '>=', at)
    .execute()
  await transaction
    .insertInto('budget_samples')
    .values({
      upstream,
      account,
      at,
      heard_at: sample.heardAt,
      pull_limit: sample.limit,
      remaining: sample.remaining,
      lowest: sample.lowest,
      window_seconds: sample.windowSeconds,
    })
    .execute()
}

function toSample(row: Selectable<Schema['budget_samples']>): BudgetSample {
  return {
    upstream: row.upstream,
    account: row.account,
    at: row.at,
    heardAt: row.heard_at,
    limit: row.pull_limit,
    remaining: row.remaining,
    lowest: row.lowest,
    windowSeconds: row.window_seconds,
  }
}
