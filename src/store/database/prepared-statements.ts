import type SqliteDriver from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { LRUCache } from 'lru-cache'

/** Those of a pull, a push and an eviction; lists of every length are statements of their own. */
const maxKept = 200

/** A database whose statements are kept: to prepare one takes as long as many of them take to run. */
export class PreparedStatements implements SqliteDatabase {
  readonly #database: SqliteDriver.Database
  readonly #kept = new LRUCache<string, SqliteStatement>({ max: maxKept })

  constructor(database: SqliteDriver.Database) {
    this.#database = database
  }

  prepare(sql: string): SqliteStatement {
    const known = this.#kept.get(sql)
    if (known) return known
    const prepared = this.#database.prepare(sql) as SqliteStatement
    this.#kept.set(sql, prepared)
    return prepared
  }

  close(): void {
    this.#kept.clear()
    this.#database.close()
  }
}
