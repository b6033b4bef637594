import type { Expression, ExpressionBuilder, SqlBool, Transaction } from 'kysely'
import type { Delivery, DeliveryBounds, NewDelivery, WebhookRecords } from '../webhook-records.ts'
import type { Database } from './database.ts'
import { removeInPages } from './remove-in-pages.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 200

type Which = (where: ExpressionBuilder<Schema, 'webhook_deliveries'>) => Expression<SqlBool>

export class DatabaseWebhookRecords implements WebhookRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  addDeliveries(added: readonly NewDelivery[], bounds: DeliveryBounds): Promise<number> {
    return this.#database.durably(async (transaction) => {
      for (const { hook, body, queuedAt } of added) {
        const size_bytes = Buffer.byteLength(body)
        await transaction
          .insertInto('webhook_deliveries')
          .values({ hook, body, queued_at: queuedAt, size_bytes })
          .execute()
      }
      return removeExcess(transaction, bounds)
    })
  }

  async findDelivery(hook: string): Promise<Delivery | undefined> {
    const row = await this.#database.queries
      .selectFrom('webhook_deliveries')
      .select(['id', 'body', 'queued_at'])
      .where('hook', '=', hook)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    return row && { id: row.id, hook, body: row.body, queuedAt: row.queued_at }
  }

  async removeDelivery(id: number): Promise<void> {
    await this.#database.queries.deleteFrom('webhook_deliveries').where('id', '=', id).execute()
  }

  removeOldDeliveries(hook: string, before: number): Promise<number> {
    return this.#remove((where) =>
      where.and([where('hook', '=', hook), where('queued_at', '<', before)]),
    )
  }

  keepDeliveriesOf(hooks: readonly string[]): Promise<number> {
    return this.#remove((where) => where('hook', 'not in', hooks))
  }

  #remove(which: Which): Promise<number> {
    return removeInPages(removedAtOnce, (limit) => this.#removeSome(which, limit))
  }

  async #removeSome(which: Which, limit: number): Promise<number> {
    const { numDeletedRows } = await this.#database.queries
      .deleteFrom('webhook_deliveries')
      .where('id', 'in', (rows) =>
        rows.selectFrom('webhook_deliveries').select('id').where(which).limit(limit),
      )
      .executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  }
}

async function removeExcess(
  transaction: Transaction<Schema>,
  { most, mostBytes }: DeliveryBounds,
): Promise<number> {
  const { count, bytes } = await transaction
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.sum<number | null>('size_bytes').as('bytes'),
    ])
    .executeTakeFirstOrThrow()
  let excess = { count: count - most, bytes: (bytes ?? 0) - mostBytes }
  let removed = 0
  while (excess.count > 0 || excess.bytes > 0) {
    const sizeBytes = await removeOldest(transaction)
    if (sizeBytes === undefined) break
    excess = { count: excess.count - 1, bytes: excess.bytes - sizeBytes }
    removed++
  }
  return removed
}

/** Gives its size; undefined where there is none. */
async function removeOldest(transaction: Transaction<Schema>): Promise<number | undefined> {
  const row = await transaction
    .deleteFrom('webhook_deliveries')
    .where('id', '=', (rows) =>
      rows.selectFrom('webhook_deliveries').select(({ fn }) => fn.min('id').as('id')),
    )
    .returning('size_bytes')
    .executeTakeFirst()
  return row?.size_bytes
}
