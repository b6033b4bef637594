import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import { type LedgerQuery, maxLedgerSums } from '../ledger-records.ts'
import { ledgerColumns, outcomeNumbers, readOutcome } from './ledger-columns.ts'
import { findNames } from './ledger-found-names.ts'
import {
  chooseLevels,
  cover,
  type HourRange,
  type LevelRange,
  upstreamLevel,
  widen,
} from './ledger-levels.ts'
import { readMarks } from './ledger-marks.ts'
import { hourMs, hourOf } from './ledger-rows.ts'
import { type PackedSums, SumPacker } from './packed-sums.ts'
import type { Schema } from './schema.ts'

/** A row of the sums of one level; what isn't asked for isn't there. */
type SumRow = {
  readonly party?: number
  readonly image?: number
  readonly upstream?: string
  readonly outcome?: number
  readonly hour?: number
} & Record<string, number | string>

/** Undefined where there are more than maxLedgerSums. It takes long: not where requests wait for it. */
export async function sumLedger(
  db: Kysely<Schema>,
  query: LedgerQuery,
): Promise<PackedSums | undefined> {
  const known = await readMarks(db)
  const chosen = chooseLevels(query)
  const asked = { from: hourOf(query.since), to: hourOf(query.until - 1) + 1 }
  const { from, to } = widen(asked, chosen, known)
  const packer = new SumPacker(query.by)
  const ranges =
    from < to ? cover(await stretch(db, { from, to }, known.daysSince), chosen, known) : []
  for (const range of ranges) {
    const rows = await sumRange(db, query, range)
    if (rows.length > maxLedgerSums) return undefined
    await pack(db, rows, packer)
    if (packer.count > maxLedgerSums) return undefined
  }
  const since = Math.max(from, Math.min(known.daysSince, to))
  return { since: since * hourMs, until: to * hourMs, ...packer.end() }
}

/**
 * Of what began before the first hour that is known or goes on after the last one, all: then the first and the
 * last row of a coarse level will do.
 */
async function stretch(
  db: Kysely<Schema>,
  { from, to }: HourRange,
  daysSince: number,
): Promise<HourRange> {
  const seek = (which: 'asc' | 'desc') =>
    db
      .selectFrom('ledger')
      .select('hour')
      .where('level', '=', upstreamLevel.number)
      .where('hour', '>=', daysSince)
      .orderBy('hour', which)
      .limit(1)
      .executeTakeFirst()
  const [first, last] = [await seek('asc'), await seek('desc')]
  return { from: from <= (first?.hour ?? 0) ? 0 : from, to: to > (last?.hour ?? 0) ? Infinity : to }
}

async function sumRange(
  db: Kysely<Schema>,
  { by, where }: LedgerQuery,
  { level, from, to }: LevelRange,
): Promise<readonly SumRow[]> {
  const groups = groupsOf(by, level.hasImage)
  const sums = ledgerColumns.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`)
  const named = Object.entries(groups).map(([name, value]) => sql`${value} as ${sql.ref(name)}`)
  const numbers = Object.values(groups)
  const { rows } = await sql<SumRow>`
    select ${sql.join([...named, ...sums])} from ledger
    where level = ${level.number} and hour >= ${from}
      ${to === Infinity ? sql`` : sql`and hour < ${to}`}
      ${sql.join(
        conditionsOf(where).map((condition) => sql`and ${condition}`),
        sql` `,
      )}
    ${numbers.length === 0 ? sql`` : sql`group by ${sql.join(numbers)}`}
    limit ${maxLedgerSums + 1}`.execute(db)
  return rows.filter((row) => row[ledgerColumns[0] ?? ''] !== null)
}

/** By what the database adds up: names follow, and what has the same names is put together. */
function groupsOf(
  by: LedgerQuery['by'],
  hasImage: boolean,
): Readonly<Record<string, RawBuilder<unknown>>> {
  const isBy = (...names: readonly LedgerQuery['by'][number][]) =>
    names.some((name) => by.includes(name))
  const isByImage = isBy('image', 'repository') || (isBy('upstream') && !hasImage)
  const upstream = sql`(select upstream from ledger_images where id = ledger.image)`
  return {
    ...(isBy('client', 'user') && { party: sql`party` }),
    ...(isByImage && { image: sql`image` }),
    ...(isBy('upstream') && !isByImage && { upstream }),
    ...(isBy('outcome') && { outcome: sql`outcome` }),
    ...(isBy('hour') ? { hour: sql`hour` } : isBy('day') && { hour: sql`hour - hour % 24` }),
  }
}

function conditionsOf(where: LedgerQuery['where']): RawBuilder<SqlBool>[] {
  const oneOf = (column: string, values: readonly (string | number)[]) =>
    values.length === 0
      ? sql<SqlBool>`1 = 0`
      : sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`
  const named = (column: 'party' | 'image', table: string, names: NameFilters) => {
    const given = names.flatMap(([name, values]) => (values ? [oneOf(name, values)] : []))
    if (given.length === 0) return []
    const ids = sql`select id from ${sql.table(table)} where ${sql.join(given, sql` and `)}`
    return [sql<SqlBool>`${sql.ref(column)} in (${ids})`]
  }
  const { client, user, upstream, repository, tag, outcome } = where
  return [
    ...named('party', 'ledger_parties', [
      ['client', client],
      ['user_name', user],
    ]),
    ...named('image', 'ledger_images', [
      ['upstream', upstream],
      ['repository', repository],
      ['tag', tag],
    ]),
    ...(outcome
      ? [
          oneOf(
            'outcome',
            outcome.map((each) => outcomeNumbers[each]),
          ),
        ]
      : []),
  ]
}

type NameFilters = readonly (readonly [column: string, values: readonly string[] | undefined])[]

async function pack(db: Kysely<Schema>, rows: readonly SumRow[], packer: SumPacker): Promise<void> {
  const names = await findNames(db, rows)
  for (const row of rows) {
    const values = {
      ...names.partyOf(row.party),
      ...names.imageOf(row.image),
      ...(row.upstream !== undefined && { upstream: row.upstream }),
      ...(row.outcome !== undefined && { outcome: readOutcome(row.outcome) }),
      ...(row.hour !== undefined && { at: row.hour * hourMs }),
    }
    packer.add(
      values,
      ledgerColumns.map((column) => Number(row[column])),
    )
  }
}
