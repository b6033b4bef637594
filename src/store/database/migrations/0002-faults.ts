import type { Kysely } from 'kysely'

/** What a mirror must remember to be of use while upstream, the network or the disk fails. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tags').addColumn('gone_at', 'bigint').execute()
  await db.schema
    .createTable('switches')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('is_on', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('pings')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .execute()
}
