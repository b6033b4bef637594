import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../at-most.ts'
import { batches } from './batches.ts'
import { startOfQuarter } from './ledger-levels.ts'
import type { Schema } from './schema.ts'

const maxKnown = 20_000
const namesPerStatement = 100

/** A name, in parts, and the hour that something counts for which has it. */
export type NameUse = { readonly parts: readonly string[]; readonly hour: number }

/** In which table of names, and in which of its columns the parts are. */
type NameTable = {
  readonly table: 'ledger_parties' | 'ledger_images'
  readonly columns: readonly string[]
}
type Known = { readonly id: number; readonly lastHour: number }

export const partyNames: NameTable = { table: 'ledger_parties', columns: ['client', 'user_name'] }
export const imageNames: NameTable = {
  table: 'ledger_images',
  columns: ['upstream', 'repository', 'tag'],
}

/**
 * The numbers that stand for names in the ledger. A name's last hour is never less than the quarter's first that
 * it was used in, so that it is known without a look at the ledger which names no row has any more.
 */
export class LedgerNames {
  readonly #names: NameTable
  readonly #known = new LRUCache<string, Known>(atMost(maxKnown))

  constructor(names: NameTable) {
    this.#names = names
  }

  /**
   * The numbers of all of these, by formatName; new ones are made. `remember` is for when what was
   * written so far is there to stay: a transaction may yet be rolled back.
   */
  async ensure(
    db: Kysely<Schema>,
    uses: Iterable<NameUse>,
  ): Promise<{ readonly ids: ReadonlyMap<string, number>; readonly remember: () => void }> {
    const ids = new Map<string, number>()
    const unknown = new Map<string, NameUse>()
    for (const { parts, hour } of uses) {
      const [name, lastHour] = [formatName(parts), startOfQuarter(hour)]
      const known = this.#known.get(name)
      if (known && known.lastHour >= lastHour) ids.set(name, known.id)
      else if ((unknown.get(name)?.hour ?? -1) < lastHour)
        unknown.set(name, { parts, hour: lastHour })
    }
    const found: [string, Known][] = []
    for (const batch of batches([...unknown.values()], namesPerStatement)) {
      await setImmediate()
      found.push(...(await this.#upsert(db, batch)))
    }
    for (const [name, { id }] of found) ids.set(name, id)
    const remember = () => {
      for (const [name, known] of found) this.#known.set(name, known)
    }
    return { ids, remember }
  }

  /** Of names that may be gone. */
  forget(): void {
    this.#known.clear()
  }

  async #upsert(db: Kysely<Schema>, uses: readonly NameUse[]): Promise<[string, Known][]> {
    const { table, columns } = this.#names
    const last = sql.ref(`${table}.last_hour`)
    const values = uses.map(({ parts, hour }) => sql`(${sql.join([...parts, hour])})`)
    const names = sql.join(columns.map((column) => sql.ref(column)))
    const { rows } = await sql<Record<string, string> & { id: number; last_hour: number }>`
      insert into ${sql.table(table)} (${names}, last_hour) values ${sql.join(values)}
      on conflict (${names}) do update set last_hour =
        case when excluded.last_hour > ${last} then excluded.last_hour else ${last} end
      returning id, last_hour, ${names}`.execute(db)
    return rows.map(({ id, last_hour, ...row }) => [
      formatName(columns.map((column) => row[column] ?? '')),
      { id, lastHour: last_hour },
    ])
  }
}

/** Not to be read again: no two names have the same. */
export function formatName(parts: readonly string[]): string {
  return JSON.stringify(parts)
}
