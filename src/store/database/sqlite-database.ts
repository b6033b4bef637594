import SqliteDriver from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import { RollbackTolerantDialect } from './sqlite-dialect.ts'

/** Of 4 KiB: where no checkpoint could be made elsewhere, the log ends here. */
const lastResortPages = 64 * 1024

/**
 * Opens (or makes) the SQLite file. WAL lets reads go on beside a write; `synchronous = normal`
 * can lose the last commits in a power failure but never corrupts, and what a mirror loses so is
 * fetched again.
 */
export function openSqlite(file: string): Database {
  const driver = openDriver(file)
  const queries = new Kysely<Schema>({ dialect: new RollbackTolerantDialect(driver) })
  return { queries, durably: (write) => writeDurably(queries, write) }
}

function openDriver(file: string): SqliteDriver.Database {
  try {
    return configure(new SqliteDriver(file), { isShared: true })
  } catch (error) {
    // No room for the file that processes share: alone, the database can still be read.
    if (!isFull(error)) throw error
    return configure(new SqliteDriver(file), { isShared: false })
  }
}

function configure(
  driver: SqliteDriver.Database,
  { isShared }: { isShared: boolean },
): SqliteDriver.Database {
  try {
    if (!isShared) driver.pragma('locking_mode = exclusive')
    driver.pragma('journal_mode = wal')
    // See Checkpoints; alone, there is no other to make them.
    if (isShared) driver.pragma(`wal_autocheckpoint = ${lastResortPages}`)
    driver.pragma('synchronous = normal')
    driver.pragma('busy_timeout = 5000')
    driver.pragma('cache_size = -8192')
    return driver
  } catch (error) {
    driver.close()
    throw error
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE'
}

/** `synchronous = full` syncs the log with each commit. The connection is held: nothing else runs between. */
async function writeDurably(
  queries: Kysely<Schema>,
  write: (queries: Kysely<Schema>) => Promise<void>,
): Promise<void> {
  await queries.connection().execute(async (connection) => {
    await sql`pragma synchronous = full`.execute(connection)
    try {
      await write(connection)
    } finally {
      await sql`pragma synchronous = normal`.execute(connection)
    }
  })
}
