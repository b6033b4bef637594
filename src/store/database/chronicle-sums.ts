import { type Kysely, sql } from 'kysely'
import {
  type Slot,
  type SlotCounter,
  type SlotQuery,
  slotCounterNames,
  slotLengthsMs,
  type TagBound,
  type TagCount,
} from '../chronicle-records.ts'
import { type SlotColumn, slotColumns, toColumn } from './chronicle-columns.ts'
import type { Schema } from './schema.ts'

type SumRow = {
  readonly upstream: string
  readonly url: string
  readonly at: number
  readonly answered_at: number
} & Record<SlotColumn, number>

/** More than are drawn; the latest of them. */
const mostSlots = 100_000

/** It may take long: not where requests wait for it. */
export async function sumSlots(
  db: Kysely<Schema>,
  { since, length, perCell, upstream }: SlotQuery,
): Promise<readonly Slot[]> {
  const slotMs = slotLengthsMs[length]
  const cellMs = slotMs * perCell
  const sums = slotColumns.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`)
  const { rows } = await sql<SumRow>`
    select upstream, url, at - at % ${cellMs} as at, max(answered_at) as answered_at,
      ${sql.join(sums)}
    from upstream_slots
    where slot_ms = ${slotMs} and at >= ${since}
      ${upstream === undefined ? sql`` : sql`and upstream = ${upstream}`}
    group by upstream, url, upstream_slots.at - upstream_slots.at % ${cellMs}
    order by 3 desc
    limit ${mostSlots}`.execute(db)
  return rows.map(toSlot).reverse()
}

function toSlot(row: SumRow): Slot {
  const counts = slotCounterNames.map((name) => [name, row[toColumn(name)]] as const)
  return {
    upstream: row.upstream,
    url: row.url,
    at: row.at,
    answeredAt: row.answered_at,
    counts: Object.fromEntries(counts) as Record<SlotCounter, number>,
  }
}

/** Of those that upstream hasn't said are gone. It reads all tags: not where requests wait for it. */
export async function countTags(
  db: Kysely<Schema>,
  bounds: readonly TagBound[],
): Promise<readonly TagCount[]> {
  if (bounds.length === 0) return []
  const given = bounds.map(({ upstream, checkedBefore }) => sql`(${upstream}, ${checkedBefore})`)
  const { rows } = await sql<TagCount>`
    with bounds(upstream, checked_before) as (values ${sql.join(given)})
    select bounds.upstream as upstream, count(*) as kept,
      sum(case when tags.checked_at <= bounds.checked_before then 1 else 0 end) as due
    from bounds
      join repositories on repositories.upstream = bounds.upstream
      join tags on tags.repository_id = repositories.id
    where tags.gone_at is null
    group by bounds.upstream`.execute(db)
  return rows
}
