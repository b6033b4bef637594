import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import SqliteDriver from 'better-sqlite3'

/**
 * Tells the one process that works in a data folder from a second one started by mistake. Node has
 * no file locks, SQLite does: a small database is held in an exclusive transaction that never ends.
 * The kernel lets go of it however the process ends.
 */
export class FolderLock {
  readonly #file: string
  readonly #database: SqliteDriver.Database
  readonly #inode: number

  private constructor(file: string, database: SqliteDriver.Database) {
    this.#file = file
    this.#database = database
    this.#inode = statSync(file).ino
  }

  /** Throws at once where another holds it, or where the folder knows no locks. */
  static take(file: string): FolderLock {
    const database = new SqliteDriver(file, { timeout: 0 })
    try {
      // A journal would be a second file, and nothing is ever written.
      database.pragma('journal_mode = memory')
      database.pragma('locking_mode = exclusive')
      database.exec('begin exclusive')
      return new FolderLock(file, database)
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** False once somebody has deleted the file: another process could lock a new one of that name. */
  async isHeld(): Promise<boolean> {
    try {
      return (await stat(this.#file)).ino === this.#inode
    } catch {
      return false
    }
  }

  release(): void {
    this.#database.close()
  }
}
