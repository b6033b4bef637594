import { type CompiledQuery, type Kysely, sql } from 'kysely'
import { type Counters, counterNames, type LedgerRow } from '../ledger-records.ts'
import { ledgerColumns, outcomeNumbers } from './ledger-columns.ts'
import { floorTo, ledgerLevels } from './ledger-levels.ts'
import { formatName, type NameUse } from './ledger-names.ts'
import type { Schema } from './schema.ts'

export const hourMs = 3_600_000

/** level, hour, party, image and outcome, and the counters in their order. */
export type StoredRow = number[]
const keyLength = 5

export const hourOf = (at: number): number => Math.floor(at / hourMs)

export function* partiesOf(rows: readonly LedgerRow[]): Generator<NameUse> {
  for (const { client, user, at } of rows) yield { parts: [client, user], hour: hourOf(at) }
}

export function* imagesOf(rows: readonly LedgerRow[]): Generator<NameUse> {
  for (const { upstream, repository, tag, at } of rows) {
    yield { parts: [upstream, repository, tag], hour: hourOf(at) }
    yield { parts: [upstream, '', ''], hour: hourOf(at) }
  }
}

type Ids = ReadonlyMap<string, number>

/** What is to be added at each level, in the order of the table, each row once. */
export function toStored(rows: readonly LedgerRow[], parties: Ids, images: Ids): StoredRow[] {
  const stored = new Map<string, StoredRow>()
  for (const row of rows) {
    const { client, user, upstream, repository, tag } = row
    const party = idOf(parties, [client, user])
    const image = idOf(images, [upstream, repository, tag])
    const wholeUpstream = idOf(images, [upstream, '', ''])
    for (const { number, hours, hasParty, hasImage } of ledgerLevels) {
      const key = [
        number,
        floorTo(hourOf(row.at), hours),
        hasParty ? party : 0,
        hasImage ? image : wholeUpstream,
        outcomeNumbers[row.outcome],
      ]
      add(stored, key, row.counters)
    }
  }
  return [...stored.values()].sort(compareKeys)
}

function add(
  stored: Map<string, StoredRow>,
  key: readonly number[],
  counters: Partial<Counters>,
): void {
  const name = key.join()
  const known = stored.get(name)
  if (!known) {
    stored.set(name, [...key, ...counterNames.map((counter) => counters[counter] ?? 0)])
    return
  }
  for (const [at, counter] of counterNames.entries()) {
    known[keyLength + at] = (known[keyLength + at] ?? 0) + (counters[counter] ?? 0)
  }
}

function idOf(ids: Ids, parts: readonly string[]): number {
  const id = ids.get(formatName(parts))
  if (id === undefined) throw new Error(`the ledger has no number for ${formatName(parts)}`)
  return id
}

function compareKeys(one: StoredRow, other: StoredRow): number {
  for (let at = 0; at < keyLength; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The longest takes about a millisecond. */
const statementSizes = [64, 8, 1] as const

/** Cut to the lengths of the statements that add them. */
export function* inStatements(rows: readonly StoredRow[]): Generator<readonly StoredRow[]> {
  let done = 0
  for (const size of statementSizes) {
    for (; rows.length - done >= size; done += size) yield rows.slice(done, done + size)
  }
}

/**
 * Statements that add such rows. Kysely writes the SQL for each length once: to write it for every batch takes
 * longer than to run it.
 */
export class LedgerUpserts {
  readonly #compiled = new Map<number, CompiledQuery>()

  add(db: Kysely<Schema>, rows: readonly StoredRow[]): Promise<unknown> {
    const compiled = this.#compiled.get(rows.length) ?? compileUpsert(db, rows.length)
    this.#compiled.set(rows.length, compiled)
    return db.executeQuery({ ...compiled, parameters: rows.flat() })
  }
}

function compileUpsert(db: Kysely<Schema>, size: number): CompiledQuery {
  const row = sql`(${sql.join(Array.from({ length: keyLength + ledgerColumns.length }, () => 0))})`
  const columns = sql.join(ledgerColumns.map((column) => sql.ref(column)))
  const sums = ledgerColumns.map(
    (column) =>
      sql`${sql.ref(column)} = ${sql.ref(`ledger.${column}`)} + excluded.${sql.ref(column)}`,
  )
  return sql`insert into ledger (level, hour, party, image, outcome, ${columns})
    values ${sql.join(Array.from({ length: size }, () => row))}
    on conflict (level, hour, party, image, outcome) do update set ${sql.join(sums)}`.compile(db)
}
