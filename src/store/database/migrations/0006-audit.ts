import { type Kysely, sql } from 'kysely'

/** Who did what, or tried to. An id is never given twice. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table audit (
    id integer primary key autoincrement,
    at bigint not null,
    last_at bigint not null,
    times bigint not null,
    who text not null,
    client text,
    what text not null,
    subject text not null,
    result text not null,
    detail text)`.execute(db)
  // Of each result so many are kept.
  await sql`create index audit_result on audit (result, id)`.execute(db)
}
