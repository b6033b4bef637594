import { stat } from 'node:fs/promises'
import SqliteDriver from 'better-sqlite3'
import { unlessMissing } from '../file/unless-missing.ts'
import { isDatabaseDamage } from './database-damage.ts'

/**
 * Whether another process has the database open, were it a command that works in the data folder: SQLite
 * lets nobody have one alone then. One that is damaged nobody can open.
 */
export async function isOpenElsewhere(file: string): Promise<boolean> {
  if (!(await unlessMissing(stat(file)))) return false
  const driver = new SqliteDriver(file, { fileMustExist: true, timeout: 0 })
  try {
    driver.pragma('locking_mode = exclusive')
    driver.exec('begin exclusive')
    driver.exec('rollback')
    return false
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return true
    if (isDatabaseDamage(error)) return false
    throw error
  } finally {
    driver.close()
  }
}
