import type { Kysely } from 'kysely'

/** Tokens that stand for a robot or a user, and what the short-lived ones are signed with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('user_name', 'text')
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('may', 'text')
    .addColumn('repositories', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .execute()
  const index = (column: string) =>
    db.schema.createIndex(`access_tokens_${column}`).on('access_tokens').column(column).execute()
  await index('user_name')
  await index('expires_at')
  await db.schema
    .createTable('signing_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
}
