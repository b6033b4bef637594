import { open } from 'node:fs/promises'
import SqliteDriver from 'better-sqlite3'
import { Kysely } from 'kysely'
import { worthwhileBytes } from './checkpoints.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import { SharedFileDialect } from './sqlite-dialect.ts'
import type { OnQuery } from './timed-statement.ts'

/** `isShared`: others may open it too, threads of this process among them. */
export type SqliteDatabase = Database & { readonly isShared: boolean }

/** Of 4 KiB: where no checkpoint could be made elsewhere, the log ends here. */
const lastResortPages = 64 * 1024

/**
 * Opens (or makes) the SQLite file. WAL lets reads go on beside a write; `synchronous = normal`
 * can lose the last commits in a power failure but never corrupts, and what a mirror loses so is
 * fetched again. What must not be lost is written `durably`.
 */
export function openSqlite(file: string, onQuery: OnQuery = ignore): SqliteDatabase {
  const { driver, isShared } = openDriver(file)
  const queries = new Kysely<Schema>({ dialect: new SharedFileDialect(driver, onQuery) })
  const durably: Database['durably'] = async (write) => {
    const result = await queries.transaction().execute(write)
    await syncLog(`${file}-wal`)
    return result
  }
  const readForeignVersion = async () => Number(driver.pragma('data_version', { simple: true }))
  const sharedFile = isShared ? file : undefined
  return { queries, isShared, durably, readForeignVersion, sharedFile }
}

function openDriver(file: string): { driver: SqliteDriver.Database; isShared: boolean } {
  try {
    return { driver: configure(new SqliteDriver(file), { isShared: true }), isShared: true }
  } catch (error) {
    // No room for the file that processes share: alone, the database can still be read.
    if (!isFull(error)) throw error
    return { driver: configure(new SqliteDriver(file), { isShared: false }), isShared: false }
  }
}

function configure(
  driver: SqliteDriver.Database,
  { isShared }: { isShared: boolean },
): SqliteDriver.Database {
  try {
    if (!isShared) driver.pragma('locking_mode = exclusive')
    driver.pragma('journal_mode = wal')
    // Alone, there is no other to make checkpoints.
    if (isShared) leaveCheckpoints(driver)
    driver.pragma('synchronous = normal')
    driver.pragma('busy_timeout = 5000')
    driver.pragma('cache_size = -8192')
    return driver
  } catch (error) {
    driver.close()
    throw error
  }
}

/** See Checkpoints. Once one is made and the log is begun anew, it is cut, so as not to look full. */
function leaveCheckpoints(driver: SqliteDriver.Database): void {
  driver.pragma(`wal_autocheckpoint = ${lastResortPages}`)
  driver.pragma(`journal_size_limit = ${worthwhileBytes / 2}`)
}

function isFull(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE'
}

/**
 * What `synchronous = full` does after each commit, but beside the thread that serves. A commit whose
 * checkpoint was made before this is on the disk too: a checkpoint syncs what it copies.
 */
async function syncLog(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Who opens it for one piece of work doesn't care how long each query takes. */
function ignore(): void {}
