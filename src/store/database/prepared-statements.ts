import type SqliteDriver from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { LRUCache } from 'lru-cache'
import { type OnQuery, TimedStatement } from './timed-statement.ts'

/** Those of a pull, a push and an eviction; lists of every length are statements of their own. */
const maxKept = 200

/** A database whose statements are kept: to prepare one takes as long as many of them take to run. */
export class PreparedStatements implements SqliteDatabase {
  readonly #database: SqliteDriver.Database
  readonly #onQuery: OnQuery
  readonly #kept = new LRUCache<string, SqliteStatement>({ max: maxKept })

  constructor(database: SqliteDriver.Database, onQuery: OnQuery) {
    this.#database = database
    this.#onQuery = onQuery
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#kept.get(sql)
    if (known) return known
    const prepared = this.#database.prepare(sql) as SqliteStatement
    const timed = new TimedStatement(prepared, this.#onQuery)
    this.#kept.set(sql, timed)
    return timed
  }

  close(): void {
    this.#kept.clear()
    this.#database.close()
  }
}
