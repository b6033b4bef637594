import { type Kysely, sql } from 'kysely'

/** What webhooks are still to be told. An id is never given twice. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table webhook_deliveries (
    id integer primary key autoincrement,
    hook text not null,
    queued_at bigint not null,
    size_bytes bigint not null,
    body text not null)`.execute(db)
  await sql`create index webhook_deliveries_hook on webhook_deliveries (hook, id)`.execute(db)
  // They are counted each time one is added, and that mustn't read what they say.
  await sql`create index webhook_deliveries_size on webhook_deliveries (size_bytes)`.execute(db)
}
