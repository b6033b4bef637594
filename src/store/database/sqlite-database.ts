import SqliteDriver from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import type { Schema } from './schema.ts'

/**
 * Opens (or makes) the SQLite file. WAL lets reads go on beside a write; `synchronous = normal`
 * can lose the last commits in a power failure but never corrupts, and what a mirror loses so is
 * fetched again.
 */
export function openSqlite(file: string): Kysely<Schema> {
  const database = new SqliteDriver(file)
  database.pragma('journal_mode = wal')
  database.pragma('synchronous = normal')
  database.pragma('busy_timeout = 5000')
  database.pragma('cache_size = -8192')
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database }) })
}
