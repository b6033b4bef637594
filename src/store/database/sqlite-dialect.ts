import type SqliteDatabase from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { PreparedStatements } from './prepared-statements.ts'
import type { OnQuery } from './timed-statement.ts'

/** Transactions as they are to be where the disk may fail, and where another process may write too. */
export class SharedFileDialect extends SqliteDialect {
  readonly #database: SqliteDatabase.Database
  readonly #onQuery: OnQuery

  constructor(database: SqliteDatabase.Database, onQuery: OnQuery) {
    super({ database })
    this.#database = database
    this.#onQuery = onQuery
  }

  override createDriver(): Driver {
    return new SharedFileDriver(this.#database, this.#onQuery)
  }
}

class SharedFileDriver extends SqliteDriver {
  readonly #database: SqliteDatabase.Database

  constructor(database: SqliteDatabase.Database, onQuery: OnQuery) {
    super({ database: new PreparedStatements(database, onQuery) })
    this.#database = database
  }

  /**
   * All of ours write. One that reads before it writes must not find out then that another process has
   * written in between: SQLite refuses it at once, whatever the busy_timeout.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /**
   * SQLite ends a transaction by itself when the disk is full or fails. To roll it back once more is
   * an error, which would hide the one that says what is wrong.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection)
  }
}
