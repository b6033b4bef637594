import type { SwitchName, SwitchRecords } from '../metadata-store.ts'
import type { Database } from './database.ts'

export class DatabaseSwitchRecords implements SwitchRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async findSwitch(name: SwitchName): Promise<boolean | undefined> {
    const row = await this.#database.queries
      .selectFrom('switches')
      .select('is_on')
      .where('name', '=', name)
      .executeTakeFirst()
    return row && row.is_on !== 0
  }

  async recordSwitch(name: SwitchName, isOn: boolean): Promise<void> {
    const row = { is_on: isOn ? 1 : 0 }
    await this.#database.durably(async (transaction) => {
      await transaction
        .insertInto('switches')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    })
  }
}
