import type SqliteDriver from 'better-sqlite3'

/** Has the code that SQLite itself gives, which is what another thread learns of an error. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError'
  readonly code = 'SQLITE_CORRUPT'
}

/** Reads all of it: a second for a million blobs. Throws DamagedDatabaseError. */
export function checkDatabase(driver: SqliteDriver.Database): void {
  const found = driver.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw new DamagedDatabaseError(String(found).replaceAll(/\s*\n\s*/g, ' '))
}

/** Whether it was thrown because the file is damaged, or no database. */
export function isDatabaseDamage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: string }
  return code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT') === true
}
