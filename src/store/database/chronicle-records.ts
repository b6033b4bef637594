import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import {
  type ChronicleBatch,
  type ChronicleBounds,
  mostTroublesEach,
  type Slot,
  type SlotLength,
  slotLengthsMs,
  type Trouble,
} from '../chronicle-records.ts'
import { slotColumns, toColumn } from './chronicle-columns.ts'
import type { Database } from './database.ts'
import { removeInPages } from './remove-in-pages.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 500
const addedAtOnce = 50
const lengths = Object.keys(slotLengthsMs) as readonly SlotLength[]
/** The same trouble that long after is another. */
const sameWithinMs = 60 * 60_000

export class DatabaseChronicleRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** What is lost with the power is a minute of what nobody depends on. */
  async addChronicle({ slots, troubles }: ChronicleBatch): Promise<void> {
    await this.#database.queries.transaction().execute(async (transaction) => {
      for (const [index, slot] of slots.entries()) {
        // Requests are served in between.
        if (index % addedAtOnce === addedAtOnce - 1) await setImmediate()
        for (const length of lengths) await addSlot(transaction, slot, length)
      }
      for (const trouble of troubles) await addTrouble(transaction, trouble)
      for (const upstream of new Set(troubles.map((trouble) => trouble.upstream)))
        await trimTroubles(transaction, upstream)
    })
  }

  async listTroubles(upstream: string): Promise<readonly Trouble[]> {
    const rows = await this.#database.queries
      .selectFrom('upstream_troubles')
      .selectAll()
      .where('upstream', '=', upstream)
      .orderBy('id', 'desc')
      .limit(mostTroublesEach)
      .execute()
    return rows.map(({ id: _, first_at, last_at, ...trouble }) => {
      return { ...trouble, firstAt: first_at, lastAt: last_at }
    })
  }

  async trimChronicle(bounds: ChronicleBounds): Promise<number> {
    const { shortBefore, longBefore, troublesBefore, most } = bounds
    const before = { short: shortBefore, long: longBefore }
    let removed = await this.#removeTroubles(troublesBefore)
    for (const length of lengths) {
      const beyond = await this.#findBeyond(length, most / lengths.length)
      const first = Math.max(before[length], beyond)
      removed += await removeInPages(removedAtOnce, (limit) =>
        this.#removeSlots(length, { first, limit }),
      )
    }
    return removed
  }

  /** Before which there is too much. */
  async #findBeyond(length: SlotLength, most: number): Promise<number> {
    const row = await this.#database.queries
      .selectFrom('upstream_slots')
      .select('at')
      .where('slot_ms', '=', slotLengthsMs[length])
      .orderBy('at', 'desc')
      .limit(1)
      .offset(most)
      .executeTakeFirst()
    return row === undefined ? 0 : row.at + 1
  }

  async #removeSlots(
    length: SlotLength,
    { first, limit }: { readonly first: number; readonly limit: number },
  ): Promise<number> {
    const slotMs = slotLengthsMs[length]
    const { numAffectedRows } = await sql`
      delete from upstream_slots where (slot_ms, at, upstream, url) in (
        select slot_ms, at, upstream, url from upstream_slots
        where slot_ms = ${slotMs} and at < ${first} limit ${limit})`.execute(this.#database.queries)
    return Number(numAffectedRows ?? 0)
  }

  async #removeTroubles(before: number): Promise<number> {
    const { numDeletedRows } = await this.#database.queries
      .deleteFrom('upstream_troubles')
      .where('last_at', '<', before)
      .executeTakeFirst()
    return Number(numDeletedRows)
  }
}

async function addSlot(
  transaction: Transaction<Schema>,
  { upstream, url, at, answeredAt, counts }: Slot,
  length: SlotLength,
): Promise<void> {
  const slotMs = slotLengthsMs[length]
  const counters = Object.entries(counts).map(
    ([name, count]) => [toColumn(name as keyof typeof counts), count] as const,
  )
  const columns = sql.join(slotColumns.map((column) => sql.ref(column)))
  const byColumn = new Map(counters)
  const values = sql.join(slotColumns.map((column) => byColumn.get(column) ?? 0))
  const sums = slotColumns.map(
    (column) =>
      sql`${sql.ref(column)} = upstream_slots.${sql.ref(column)} + excluded.${sql.ref(column)}`,
  )
  await sql`
    insert into upstream_slots (slot_ms, at, upstream, url, answered_at, ${columns})
    values (${slotMs}, ${at - (at % slotMs)}, ${upstream}, ${url}, ${answeredAt}, ${values})
    on conflict (slot_ms, at, upstream, url) do update set
      answered_at = max(upstream_slots.answered_at, excluded.answered_at),
      ${sql.join(sums)}`.execute(transaction)
}

async function addTrouble(transaction: Transaction<Schema>, trouble: Trouble): Promise<void> {
  const { upstream, url, kind, repository, message, firstAt, lastAt, times } = trouble
  const last = await transaction
    .selectFrom('upstream_troubles')
    .selectAll()
    .where('upstream', '=', upstream)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const isSame =
    last?.url === url &&
    last.kind === kind &&
    last.repository === repository &&
    last.message === message &&
    firstAt - last.last_at < sameWithinMs
  if (isSame) {
    await transaction
      .updateTable('upstream_troubles')
      .set({ last_at: lastAt, times: last.times + times })
      .where('id', '=', last.id)
      .execute()
    return
  }
  const at = { first_at: firstAt, last_at: lastAt }
  await transaction
    .insertInto('upstream_troubles')
    .values({ upstream, url, kind, repository, message, times, ...at })
    .execute()
}

async function trimTroubles(transaction: Transaction<Schema>, upstream: string): Promise<void> {
  const beyond = await transaction
    .selectFrom('upstream_troubles')
    .select('id')
    .where('upstream', '=', upstream)
    .orderBy('id', 'desc')
    .limit(1)
    .offset(mostTroublesEach)
    .executeTakeFirst()
  if (beyond === undefined) return
  await transaction
    .deleteFrom('upstream_troubles')
    .where('upstream', '=', upstream)
    .where('id', '<=', beyond.id)
    .execute()
}
