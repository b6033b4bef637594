import type { PinRecords } from '../space-records.ts'
import type { Database } from './database.ts'

export class DatabasePinRecords implements PinRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async listPins(): Promise<readonly string[]> {
    const rows = await this.#database.queries
      .selectFrom('pins')
      .select('pattern')
      .orderBy('pattern')
      .execute()
    return rows.map(({ pattern }) => pattern)
  }

  async pin(pattern: string, at: number): Promise<boolean> {
    const { numInsertedOrUpdatedRows = 0n } = await this.#database.durably((transaction) =>
      transaction
        .insertInto('pins')
        .values({ pattern, pinned_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow(),
    )
    return numInsertedOrUpdatedRows > 0n
  }

  async unpin(pattern: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.durably((transaction) =>
      transaction.deleteFrom('pins').where('pattern', '=', pattern).executeTakeFirstOrThrow(),
    )
    return numDeletedRows > 0n
  }
}
