import type { Kysely } from 'kysely'

/** When each user was there last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_logins')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .execute()
}
