import { type Kysely, sql } from 'kysely'

/** How full the disk was, over time; and what was found to be wrong with what is kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table space_samples (
    at bigint primary key,
    total_bytes bigint not null,
    used_bytes bigint not null,
    hosted_bytes bigint not null,
    pinned_bytes bigint not null,
    mirrored_bytes bigint not null,
    reclaimable_bytes bigint not null)`.execute(db)
  await sql`create table verify_runs (
    id integer primary key autoincrement,
    started_at bigint not null,
    ended_at bigint not null,
    state text not null,
    is_repair integer not null,
    files bigint not null,
    bytes bigint not null,
    total_bytes bigint not null,
    found bigint not null,
    healed bigint not null,
    error text)`.execute(db)
  await sql`create table verify_findings (
    id integer primary key autoincrement,
    found_at bigint not null,
    is_by_hand integer not null,
    what text not null,
    finding text not null,
    outcome text,
    is_healed integer not null,
    images text not null)`.execute(db)
  // What went in a time, for those who look at it over time.
  await sql`create index evictions_at on evictions (evicted_at)`.execute(db)
}
